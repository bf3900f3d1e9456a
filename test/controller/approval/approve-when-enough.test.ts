import { beforeEach, describe, expect, it } from 'vitest';
import { type ApproveDeps, approveWhenEnough } from '../../../controller/approval/index.ts';
import type { ApprovalRecord, RequestRecord } from '../../../controller/store/index.ts';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import type { TrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, bundleAt, entryOf, type Member, SITE, START_MS } from '../../kit/cast.ts';
import { approvalOf, requestOf, requestTokenOf, withdrawalOf } from '../../kit/decisions.ts';
import { EMERGENCY_BUNDLE, HOUR_MS } from '../../kit/emergency-kit.ts';

const MALLORY = entryOf('mallory');

type Reached = Parameters<ApproveDeps['requests']['markApproved']>[1];

describe('a pending request', () => {
  let record: RequestRecord;
  let decisions: ApprovalRecord[];
  let reached: Reached[];

  const ask = async (changes: Partial<Parameters<typeof requestOf>[0]> = {}, by: Member = 'alice') => {
    const request = requestOf(changes);
    const bytes = callRequestCodec.encode(request);
    const token = await requestTokenOf(by, bytes);
    record = { id: request.id, request, bytes, digest: sha256(bytes), token } as unknown as RequestRecord;
  };
  const decide = async (
    approver: Member,
    {
      decision = 'approve',
      isWithdrawn = false,
    }: { decision?: 'approve' | 'reject'; isWithdrawn?: boolean } = {},
  ) => {
    const token = await approvalOf(approver, record.bytes, { decision });
    const withdrawal = isWithdrawn ? await withdrawalOf(approver, record.bytes, { token }) : undefined;
    decisions.push({ approver, decision, reason: '', token, submittedAtMs: START_MS, withdrawal });
  };
  const depsOf = (bundle: TrustBundle, signed = bundle): ApproveDeps => ({
    requests: {
      async markApproved(id, each) {
        expect(id).toBe(record.id);
        reached.push(each);
        return true;
      },
      expectedLabels: async () => [{ host: 'demo-1', labels: { env: 'demo' } }],
    },
    approvals: { of: async () => decisions },
    plans: { findByDigest: async () => undefined },
    trust: { site: SITE, current: () => bundle, signed: () => signed, lasting: () => bundle },
    clock: { nowMs: () => START_MS },
  });
  const approved = (bundle = BUNDLE, signed = bundle) => approveWhenEnough(depsOf(bundle, signed), record);

  beforeEach(async () => {
    reached = [];
    decisions = [];
    await ask();
  });

  it('a pending request is approved when its approvals reach the threshold, and is marked with what counted', async () => {
    await decide('carol');
    expect(await approved()).toBe(false);
    expect(reached).toEqual([]);
    await decide('bob');
    expect(await approved()).toBe(true);
    expect(reached).toEqual([
      { approvers: ['bob', 'carol'], trustVersion: BUNDLE.version, revision: 2, emergency: undefined },
    ]);
  });

  it('a pending request is not approved while somebody rejects it, however many approve', async () => {
    for (const person of ['bob', 'carol'] as const) await decide(person);
    const three = bundleAt(START_MS, { approvers: [...BUNDLE.approvers, MALLORY] });
    await decide('mallory', { decision: 'reject' });
    expect(await approved(three)).toBe(false);
    decisions.pop();
    await decide('mallory', { decision: 'reject', isWithdrawn: true });
    expect(await approved(three)).toBe(true);
    expect(reached).toMatchObject([{ revision: 4 }]);
  });

  it('an approval that was taken back does not count for a pending request', async () => {
    await decide('bob', { isWithdrawn: true });
    await decide('carol');
    expect(await approved()).toBe(false);
  });

  it('a pending request is not approved without the signature of its requester over its bytes', async () => {
    for (const person of ['bob', 'carol'] as const) await decide(person);
    const { token } = record;
    record = { ...record, token: await requestTokenOf('mallory', record.bytes) };
    expect(await approved()).toBe(false);
    record = { ...record, token: await requestTokenOf('alice', Buffer.from('other bytes')) };
    expect(await approved()).toBe(false);
    record = { ...record, token };
    expect(await approved()).toBe(true);
  });

  it('a pending request that cannot be read at all is a fault, and no refusal', async () => {
    record = { ...record, request: undefined as never };
    await expect(approved()).rejects.toThrow(TypeError);
  });

  it('a pending request is not approved where its requester may not ask for it', async () => {
    for (const person of ['bob', 'carol'] as const) await decide(person);
    const may = (effects: ('read' | 'call')[]) =>
      bundleAt(START_MS, { scopes: [{ may: 'request', person: 'alice', effects }] });
    expect(await approved(may(['read']))).toBe(false);
    expect(await approved(may(['call']))).toBe(true);
  });

  it('the scopes of approvers are compared with the labels of its hosts', async () => {
    for (const person of ['bob', 'carol'] as const) await decide(person);
    const may = (hosts: string) => bundleAt(START_MS, { scopes: [{ may: 'approve', person: 'bob', hosts }] });
    expect(await approved(may('env=prod'))).toBe(false);
    expect(await approved(may('env=demo'))).toBe(true);
  });

  it('a rejection by somebody whose key is locked goes on stopping a pending request', async () => {
    const signed = bundleAt(START_MS, { approvers: [...BUNDLE.approvers, MALLORY] });
    for (const person of ['bob', 'carol'] as const) await decide(person);
    await decide('mallory', { decision: 'reject' });
    expect(await approved(BUNDLE, signed)).toBe(false);
    decisions.pop();
    expect(await approved(BUNDLE, signed)).toBe(true);
    await decide('mallory', { decision: 'reject', isWithdrawn: true });
    expect(await approved(BUNDLE, signed)).toBe(true);
  });

  it('an emergency is marked with when, and by how many, it must be reviewed', async () => {
    await ask({ policy: 'emergency', reason: 'nfsd hangs (INC-4711)' });
    await decide('bob');
    expect(await approved(EMERGENCY_BUNDLE)).toBe(true);
    expect(reached).toMatchObject([{ emergency: { dueAtMs: START_MS + 24 * HOUR_MS, reviewers: 1 } }]);
  });
});
