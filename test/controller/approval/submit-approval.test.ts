import { beforeEach, describe, expect, it } from 'vitest';
import { approveWhenEnough, submitApproval } from '../../../controller/approval/index.ts';
import { expireOverdue } from '../../../controller/gather/index.ts';
import { checkTrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, entryOf, type Member, START_MS } from '../../kit/cast.ts';
import {
  type ApprovalOverrides,
  approvalBy,
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';

describe('an approval', () => {
  let parts: ControllerParts;
  let id: string;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    id = await requestBy(parts, 'alice', DRAFT);
  });

  const submit = async (person: Member, overrides: ApprovalOverrides = {}, requestId = id): Promise<void> => {
    const token = await approvalBy(parts, person, id, overrides);
    await submitApproval(parts, { requestId, token, submittedBy: person });
  };

  it('an approval is kept in the store', async () => {
    await submit('bob');
    expect(await parts.approvals.of(id)).toMatchObject([{ approver: 'bob' }]);
  });

  const seconds = START_MS / 1000;
  const refused: readonly [string, Member, ApprovalOverrides, string, string][] = [
    ['by an unknown key', 'mallory', {}, 'TOKEN_KEY_UNKNOWN', 'no trusted key'],
    ['by an unknown key in a known name', 'mallory', { iss: 'bob' }, 'TOKEN_KEY_UNKNOWN', 'no trusted key'],
    ["in another's name", 'bob', { iss: 'carol' }, 'TOKEN_CLAIMS', "bob's key in the name of carol"],
    ['by the requester', 'alice', {}, 'APPROVAL_REFUSED', 'is by the requester'],
    [
      'for other bytes',
      'bob',
      { requestBytes: Buffer.from('x') },
      'APPROVAL_REFUSED',
      'is for another request',
    ],
    [
      'that is expired',
      'bob',
      { iat: seconds - 100, exp: seconds - 60 },
      'TOKEN_EXPIRED',
      'expired 60 s ago',
    ],
    [
      'that is not yet valid',
      'bob',
      { iat: seconds + 60, exp: seconds + 90 },
      'TOKEN_EXPIRED',
      'not yet valid',
    ],
  ];
  it.each(refused)('%s is refused', async (_name, person, overrides, code, message) => {
    await expect(submit(person, overrides)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(await parts.approvals.of(id)).toEqual([]);
  });

  it('an approval counts once for each person', async () => {
    await submit('bob');
    parts.clock.advance(1000);
    await expect(submit('bob')).rejects.toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: `bob approved already (request ${id})`,
    });
  });

  it('an approval is refused for a request that is not there, is over, or is ordered', async () => {
    expect(await codeOf(submit('bob', {}, 'nothing1'))).toBe('NOT_FOUND');
    const ordered = await dispatched(parts);
    const token = await approvalBy(parts, 'bob', ordered.id);
    const late = { requestId: ordered.id, token, submittedBy: 'bob' };
    expect(await codeOf(submitApproval(parts, late))).toBe('CONFLICT');
    parts.clock.advance(DRAFT.lifetimeMs);
    expect(await codeOf(submit('bob'))).toBe('REQUEST_EXPIRED');
  });

  it.each(['', 'a.b.c', 'no token at all'])("an approval that is the text '%s' is refused", async token => {
    expect(await codeOf(submitApproval(parts, { requestId: id, token, submittedBy: 'bob' }))).toBe(
      'TOKEN_INVALID',
    );
  });

  it('an approval is refused once a kernel is known on which the program does more than was declared; a rejection is taken', async () => {
    const writes = { kernel: '6.12.1 (amd64)', effect: 'write', indirectCalls: false } as const;
    const asked: { selected?: readonly unknown[] } = {};
    const since: ControllerParts = {
      ...parts,
      async deriveEffects(_program, selected) {
        asked.selected = selected;
        return { effects: [writes], problems: [] };
      },
    };
    const decide = async (decision: 'approve' | 'reject'): Promise<void> => {
      const token = await approvalBy(parts, 'bob', id, { decision });
      await submitApproval(since, { requestId: id, token, submittedBy: 'bob' });
    };
    await expect(decide('approve')).rejects.toMatchObject({
      code: 'EFFECT_EXCEEDED',
      message: expect.stringContaining('the effect of request'),
    });
    expect(asked.selected).not.toHaveLength(0);
    expect(await parts.approvals.of(id)).toEqual([]);
    await decide('reject');
    expect((await parts.requests.get(id)).state).toBe('rejected');
  });

  it('an approval outside the scope of its approver is refused, and says why', async () => {
    const scopes = [{ may: 'approve', person: 'bob', effects: ['read'] }];
    parts = controllerParts(checkTrustBundle({ ...BUNDLE, scopes }));
    await introduce(parts);
    id = await requestBy(parts, 'alice', DRAFT);
    await expect(submit('bob')).rejects.toMatchObject({
      code: 'SCOPE_EXCEEDED',
      message: `bob may not approve request ${id}: the effect call is outside their scope`,
    });
    await expect(submit('carol')).resolves.toBeUndefined();
  });

  it('a rejection counts outside the scope of its signer, because it only stops', async () => {
    const scopes = [{ may: 'approve', person: 'bob', effects: ['read'] }];
    parts = controllerParts(checkTrustBundle({ ...BUNDLE, scopes }));
    await introduce(parts);
    id = await requestBy(parts, 'alice', DRAFT);
    await submit('bob', { decision: 'reject' });
    expect((await parts.requests.get(id)).state).toBe('rejected');
  });

  it('an approval is refused for a request that was found to have expired, though a clock was set back', async () => {
    parts.clock.advance(DRAFT.lifetimeMs + 3_600_000);
    await expireOverdue(parts);
    expect((await parts.requests.get(id)).state).toBe('expired');
    parts.clock.advance(-DRAFT.lifetimeMs - 3_600_000);
    expect(await codeOf(submit('bob'))).toBe('REQUEST_EXPIRED');
  });

  it('an approval by a member of each team that has a seat is needed before the request is approved', async () => {
    const teams = [{ name: 'kernel', members: ['alice'] }];
    const thresholds = { standard: { read: 1, call: 2, write: 2, teams: { kernel: 1 } } };
    const requesters = [entryOf('bob')];
    const approvers = [...BUNDLE.approvers, entryOf('mallory')];
    parts = controllerParts(checkTrustBundle({ ...BUNDLE, teams, thresholds, requesters, approvers }));
    await introduce(parts);
    id = await requestBy(parts, 'bob', DRAFT);
    const approved = async () => approveWhenEnough(parts, await parts.requests.get(id));
    await submit('carol');
    expect(await approved()).toBe(false);
    await submit('alice');
    expect(await approved()).toBe(true);
  });
});
