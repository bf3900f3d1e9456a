import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { submitApproval, withdrawApproval } from '../../../controller/approval/index.ts';
import { advanceRequest } from '../../../controller/service/index.ts';
import { BUNDLE, type Member } from '../../kit/cast.ts';
import {
  type ApprovalOverrides,
  approvalBy,
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  drivingOn,
  introduce,
  requestBy,
  withdrawalBy,
} from '../../kit/controller-kit.ts';
import { withdrawalOf } from '../../kit/decisions.ts';
import { auditFolder, storyFindingsIn } from '../auditor/support/audited-store.ts';

describe('a decision of an approver', () => {
  let parts: ControllerParts;
  let file: string;
  let id: string;

  beforeEach(async () => {
    file = join(auditFolder(), 'farcall.db');
    parts = controllerParts(BUNDLE, file);
    await introduce(parts);
    id = await requestBy(parts, 'alice', DRAFT);
  });

  const state = async () => (await parts.requests.find(id))?.state;
  const decide = async (person: Member, overrides: ApprovalOverrides = {}): Promise<string> => {
    parts.clock.advance(1000);
    const token = await approvalBy(parts, person, id, overrides);
    await submitApproval(parts, { requestId: id, token, submittedBy: person });
    return token;
  };
  const withdraw = async (person: Member, token: string, exp?: number): Promise<void> => {
    const withdrawal = await withdrawalBy(parts, person, { id, token, ...(exp && { exp }) });
    await withdrawApproval(parts, { requestId: id, token: withdrawal, submittedBy: person });
  };

  it('a decision of an approver blocks if it is a rejection, until it is taken back, however many approve', async () => {
    const rejection = await decide('carol', { decision: 'reject' });
    expect(await state()).toBe('rejected');
    await decide('bob');
    await advanceRequest(parts, id);
    expect(await state()).toBe('rejected');
    await withdraw('carol', rejection);
    expect(await state()).toBe('pending');
    await decide('carol');
    await advanceRequest(parts, id);
    expect(await state()).toBe('dispatched');
    expect(await storyFindingsIn(file)).toEqual([]);
  });

  it('a decision of an approver blocks as long as any rejection is in force', async () => {
    const carols = await decide('carol', { decision: 'reject' });
    const bobs = await decide('bob', { decision: 'reject' });
    await withdraw('carol', carols);
    expect(await state()).toBe('rejected');
    await withdraw('bob', bobs);
    expect(await state()).toBe('pending');
  });

  it('a decision of an approver does not count once it was taken back, and a new approval counts', async () => {
    const token = await decide('bob');
    await withdraw('bob', token);
    await decide('carol');
    await advanceRequest(parts, id);
    expect(await state()).toBe('pending');
    const again = { requestId: id, token, submittedBy: 'bob' };
    expect(await codeOf(submitApproval(parts, again))).toBe('APPROVAL_REFUSED');
    await decide('bob');
    await advanceRequest(parts, id);
    expect(await state()).toBe('dispatched');
  });

  it('a decision of an approver is not passed over if it came while the order was made', async () => {
    const token = await decide('bob');
    await decide('carol');
    const signer: typeof parts.signer = {
      ...parts.signer,
      async sign(content) {
        await withdraw('bob', token);
        await decide('bob');
        return parts.signer.sign(content);
      },
    };
    await advanceRequest({ ...parts, drive: drivingOn({ ...parts, signer }) }, id);
    expect(await state()).not.toBe('dispatched');
    expect(await parts.orders.unpublished()).toEqual([]);
    await advanceRequest(parts, id);
    expect(await state()).toBe('dispatched');
  });

  it('a decision of an approver cannot be taken back after the order; the message says what can be done', async () => {
    const token = await decide('bob');
    await decide('carol');
    await advanceRequest(parts, id);
    await expect(withdraw('bob', token)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('use abort'),
    });
    await expect(decide('alice', { decision: 'reject' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('farcall abort'),
    });
  });

  it('a decision of an approver is taken back by its signer only, and for good', async () => {
    const token = await decide('bob', { decision: 'reject' });
    expect(await codeOf(withdraw('carol', token))).toBe('NOT_FOUND');
    expect(await codeOf(withdraw('mallory', token))).toBe('TOKEN_KEY_UNKNOWN');
    const early = Math.floor(parts.clock.nowMs() / 1000) + 60;
    await expect(withdraw('bob', token, early)).rejects.toMatchObject({
      code: 'TOKEN_CLAIMS',
      message: expect.stringContaining('expires before'),
    });
    expect(await state()).toBe('rejected');
    await withdraw('bob', token);
    expect(await codeOf(withdraw('bob', token))).toBe('NOT_FOUND');
  });

  it('a decision of an approver is taken back by a token that names the request and lives as long as it', async () => {
    const token = await decide('bob');
    const exp = Math.floor(parts.clock.nowMs() / 1000) + 3600;
    await expect(withdraw('bob', token, exp - 1)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
    const other = await withdrawalOf('bob', Buffer.from('other bytes'), {
      token,
      nowMs: parts.clock.nowMs(),
    });
    await expect(
      withdrawApproval(parts, { requestId: id, token: other, submittedBy: 'bob' }),
    ).rejects.toMatchObject({ code: 'TOKEN_CLAIMS', message: expect.stringContaining('another request') });
    await withdraw('bob', token, exp);
    expect(await parts.approvals.of(id)).toMatchObject([{ withdrawal: expect.any(String) }]);
  });

  it('a decision of an approver is not compared with those of others, or with earlier ones of the same person', async () => {
    const inSeconds = (seconds: number): number => Math.floor(parts.clock.nowMs() / 1000) + seconds;
    const carols = await decide('carol', { exp: inSeconds(3600) });
    const bobsFirst = await decide('bob', { exp: inSeconds(3000) });
    expect(await codeOf(withdraw('bob', carols, inSeconds(600)))).toBe('NOT_FOUND');
    await withdraw('bob', bobsFirst, inSeconds(3600));
    const bobsSecond = await decide('bob', { exp: inSeconds(900) });
    await withdraw('bob', bobsSecond, inSeconds(1000));
    expect(await state()).toBe('pending');
  });

  it('a decision of an approver can be withdrawn a limited number of times by each person, so that nobody fills the order', async () => {
    for (let count = 0; count < 8; count += 1) await withdraw('bob', await decide('bob'));
    expect(await codeOf(decide('bob'))).toBe('APPROVAL_REFUSED');
    await decide('carol');
  });
});
