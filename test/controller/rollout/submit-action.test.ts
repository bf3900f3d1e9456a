import { beforeEach, describe, expect, it } from 'vitest';
import { submitAction } from '../../../controller/rollout/index.ts';
import { gateOf } from '../../../shared/rollout/index.ts';
import type { TokenContent } from '../../../shared/tokens/index.ts';
import { bundleAt, entryOf, type Member, OTHER_SITE, START_MS } from '../../kit/cast.ts';
import {
  act,
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';
import { actionOf } from '../../kit/decisions.ts';

const DRAFT_GATE = { ...gateOf({ maxFailedHosts: 1000 }), health: false };

type Action = Partial<TokenContent<'action'>> & Pick<TokenContent<'action'>, 'action'>;

describe('an action on a rollout', () => {
  let parts: ControllerParts;
  let id: string;

  const begin = async (): Promise<void> => {
    await introduce(parts);
    ({ id } = await dispatched(parts));
  };
  const stateOf = async () => (await parts.rollouts.find(id)).state;
  const tokenBy = async (person: Member, action: Action): Promise<string> =>
    actionOf(person, (await parts.requests.get(id)).bytes, {
      nowMs: parts.clock.nowMs(),
      wave: 1,
      ...action,
    });
  const submit = (token: string) => submitAction(parts, { requestId: id, token, submittedBy: 'bob' });

  beforeEach(async () => {
    parts = controllerParts();
    await begin();
  });

  it.each(['alice', 'bob'] as const)(
    'an action that %s signed is done, in that person’s name',
    async person => {
      await act(parts, person, { id, action: 'pause' });
      expect(await stateOf()).toBe('paused');
      const [entry] = await parts.audit.page({ kind: 'rollout-paused', afterSeq: 0, limit: 10 });
      expect(entry?.actor).toBe(person);
    },
  );

  it.each([
    ['that somebody outside of the bundle signed', 'mallory', {}, 'TOKEN_KEY_UNKNOWN'],
    ['that somebody else signed in the name of bob', 'mallory', { iss: 'bob' }, 'TOKEN_KEY_UNKNOWN'],
    ['that alice signed in the name of bob', 'alice', { iss: 'bob' }, 'TOKEN_CLAIMS'],
    ['that the controller signed', 'ctl-1', {}, 'TOKEN_KEY_UNKNOWN'],
    ['on another request', 'bob', { req: 'A'.repeat(43) }, 'TOKEN_CLAIMS'],
    ['for another site', 'bob', { site: OTHER_SITE }, 'SITE_OTHER'],
    [
      'that was signed an hour ago',
      'bob',
      { iat: START_MS / 1000 - 3600, exp: START_MS / 1000 - 60 },
      'TOKEN_EXPIRED',
    ],
    ['that is no retry and names hosts', 'bob', { only: ['unreachable'] }, 'TOKEN_CLAIMS'],
    ['that is a retry and names no hosts', 'bob', { action: 'retry' }, 'TOKEN_CLAIMS'],
    ['at a wave that has not begun', 'bob', { wave: 2 }, 'CONFLICT'],
  ] as const)('an action %s is refused', async (_what, person, changes, code) => {
    const { only, ...rest } = { only: undefined, ...changes };
    const action = { action: 'pause', ...rest, ...(only && { only: [...only] }) } as const;
    expect(await codeOf(submit(await tokenBy(person, action)))).toBe(code);
    expect(await stateOf()).toBe('running');
  });

  it('an action is done once: its token is not taken a second time', async () => {
    const pause = await tokenBy('bob', { action: 'pause' });
    await submit(pause);
    await act(parts, 'bob', { id, action: 'resume' });
    expect(await codeOf(submit(pause))).toBe('CONFLICT');
    expect(await stateOf()).toBe('running');
  });

  it('an action that pauses may be for whichever wave runs, and no other action may', async () => {
    await act(parts, 'bob', { id, action: 'pause', wave: 0 });
    expect(await codeOf(act(parts, 'bob', { id, action: 'resume', wave: 0 }))).toBe('CONFLICT');
    expect(await stateOf()).toBe('paused');
  });

  it('an action that was kept back does not reach a wave that its author had not seen', async () => {
    const wave = { size: '1', bakeMs: 0, manual: true };
    const rollout = {
      waves: [wave, wave, { ...wave, size: 'rest' }],
      gate: DRAFT_GATE,
      answerWithinMs: 1000,
    };
    ({ id } = await dispatched(parts, { ...DRAFT, rollout }));
    const promotion = await tokenBy('bob', { action: 'promote', wave: 1 });
    const next = async (): Promise<void> => {
      parts.clock.advance(2000);
      await parts.drive(id);
      await parts.orders
        .unpublished()
        .then(orders => Promise.all(orders.map(({ id: order }) => parts.orders.markPublished(order))));
      parts.clock.advance(2000);
      await parts.drive(id);
    };
    await next();
    await act(parts, 'carol', { id, action: 'promote' });
    await next();
    expect(await stateOf()).toBe('awaiting-promotion');
    expect(await codeOf(submit(promotion))).toBe('CONFLICT');
  });

  it('an action of somebody whose key is out of the trust bundle is refused', async () => {
    const token = await tokenBy('bob', { action: 'pause' });
    const bundle = bundleAt(START_MS, { version: 4, approvers: [entryOf('alice'), entryOf('carol')] });
    const trust = { ...parts.trust, current: () => bundle };
    const submitted = submitAction({ ...parts, trust }, { requestId: id, token, submittedBy: 'ctl-1' });
    expect(await codeOf(submitted)).toBe('TOKEN_KEY_UNKNOWN');
  });
});
