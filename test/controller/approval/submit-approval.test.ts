import { beforeEach, describe, expect, it } from 'vitest';
import { submitApproval } from '../../../controller/approval/index.ts';
import { createRequest } from '../../../controller/requests/index.ts';
import { type Member, START_MS } from '../../kit/cast.ts';
import {
  type ApprovalOverrides,
  approvalBy,
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';

describe('an approval', () => {
  let parts: ControllerParts;
  let id: string;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    id = await createRequest(parts, 'alice', DRAFT);
  });

  const submit = async (person: Member, overrides: ApprovalOverrides = {}, requestId = id): Promise<void> => {
    const token = await approvalBy(parts, person, id, overrides);
    await submitApproval(parts, { requestId, token, submittedBy: person });
  };

  it('is kept in the store', async () => {
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

  it('counts once for each person', async () => {
    await submit('bob');
    parts.clock.advance(1000);
    await expect(submit('bob')).rejects.toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: `bob approved already (request ${id})`,
    });
  });

  it('is refused for a request that is not there, is over, or is ordered', async () => {
    expect(await codeOf(submit('bob', {}, 'nothing1'))).toBe('NOT_FOUND');
    const ordered = await dispatched(parts);
    const token = await approvalBy(parts, 'bob', ordered.id);
    const late = { requestId: ordered.id, token, submittedBy: 'bob' };
    expect(await codeOf(submitApproval(parts, late))).toBe('CONFLICT');
    parts.clock.advance(DRAFT.lifetimeMs);
    expect(await codeOf(submit('bob'))).toBe('REQUEST_EXPIRED');
  });

  it.each(['', 'a.b.c', 'no token at all'])("that is the text '%s' is refused", async token => {
    expect(await codeOf(submitApproval(parts, { requestId: id, token, submittedBy: 'bob' }))).toBe(
      'TOKEN_INVALID',
    );
  });
});
