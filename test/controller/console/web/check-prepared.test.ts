import { describe, expect, test } from 'vitest';
import { checkPrepared } from '../../../../controller/console/web/signed/check-prepared.ts';
import { readRequest } from '../../../../controller/console/web/signed/read-request.ts';
import { type CallDraft, type CallRequest, callRequestCodec } from '../../../../shared/messages/index.ts';
import { requestOf } from '../../../kit/decisions.ts';

const ROLLOUT = {
  waves: [{ size: '1', bakeMs: 0, manual: false }],
  gate: {
    maxFailedHosts: 1,
    maxFailedPermille: 0,
    failing: ['refused'],
    health: true,
    notApplicableOk: false,
  },
  answerWithinMs: 60_000,
} as const;
const REQUEST = requestOf({ rollout: ROLLOUT } as unknown as Partial<CallRequest>);
const DRAFT = {
  ...{ program: REQUEST.program, selector: REQUEST.selector, reason: REQUEST.reason },
  ...{
    policy: REQUEST.policy,
    effect: REQUEST.effect,
    timeoutMs: REQUEST.timeoutMs,
    rollout: REQUEST.rollout,
  },
  lifetimeMs: REQUEST.expiresAtMs - REQUEST.createdAtMs,
} as CallDraft;

/** What the page says of a request that the controller prepared with these changes. */
function check(changes: Partial<CallRequest>): void {
  const bytes = callRequestCodec.encode({ ...REQUEST, ...changes });
  checkPrepared(readRequest(new Uint8Array(bytes)), DRAFT, 'alice');
}

describe('a request that the controller prepares', () => {
  test('a request that the controller prepares as the person asked for it is signed', () => {
    expect(() => check({})).not.toThrow();
  });

  test('a request that the controller prepares may begin with lines of its prelude', () => {
    expect(() => check({ program: `#define A 1\n${REQUEST.program}` })).not.toThrow();
  });

  test.each([
    ['requester', { requester: 'nobody' }],
    ['program', { program: `evil()\n${REQUEST.program}` }],
    ['selector', { selector: '*' }],
    ['reason', { reason: 'another' }],
    ['policy', { policy: 'emergency' }],
    ['effect', { effect: 'read' }],
    ['indirectCalls', { indirectCalls: true }],
    ['library', { library: '/* farcall library: linux/list.h */\n' }],
    ['lifetimeMs', { expiresAtMs: REQUEST.expiresAtMs + 1 }],
    ['timeoutMs', { timeoutMs: 60_000 }],
    ['rollout', { rollout: { ...ROLLOUT, answerWithinMs: 1000 } as unknown as CallRequest['rollout'] }],
    ['rollout', { rollout: undefined }],
    ['lateJoiners', { lateJoiners: true }],
  ] as const)('a request that the controller prepares with another %s is not signed', (member, changes) => {
    expect(() => check(changes as Partial<CallRequest>)).toThrow(
      `Not signed: the controller prepared another request than yours: its ${member}.`,
    );
  });

  test('a request that the controller prepares with a larger effect is signed', () => {
    expect(() => check({ effect: 'write' })).not.toThrow();
  });
});
