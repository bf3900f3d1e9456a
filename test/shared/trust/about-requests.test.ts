import { describe, expect, it } from 'vitest';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import {
  type ApprovalsToCount,
  countApprovals,
  refusedRequest,
  requireApproved,
  type Scope,
  type TrustBundle,
  thresholdFor,
  verifyAbort,
  verifyRequester,
} from '../../../shared/trust/index.ts';
import { BUNDLE, bundleAt, entryOf, type Member, START_MS } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { abortOf, approvalOf, requestOf, requestTokenOf, withdrawalOf } from '../../kit/decisions.ts';

const request = requestOf();
const requestBytes = callRequestCodec.encode(request);
const OTHER_BYTES = Buffer.from('another request');
const START_S = START_MS / 1000;
const END_S = request.expiresAtMs / 1000;

const approve = (by: Member, changes: object = {}) => approvalOf(by, requestBytes, changes);
const reject = (by: Member, changes: object = {}) => approve(by, { decision: 'reject', ...changes });

async function count(tokens: (string | Promise<string>)[], changes: Partial<ApprovalsToCount> = {}) {
  const approvals = await Promise.all(tokens);
  return countApprovals({
    ...{ requestBytes, request, approvals, withdrawals: [], bundle: BUNDLE, nowMs: START_MS },
    ...changes,
  });
}

describe('approvals of a request', () => {
  it('approvals of a request count by person, in the order of names, until there are enough', async () => {
    expect(await count([])).toMatchObject({ approvers: [], enough: false, threshold: 2, discounted: [] });
    expect(await count([approve('carol')])).toMatchObject({ approvers: ['carol'], enough: false });
    expect(await count([approve('carol'), approve('bob')])).toEqual({
      ...{ approvers: ['bob', 'carol'], rejecters: [], discounted: [], enough: true, threshold: 2 },
      ...{ emptySeats: [], requesterOutside: undefined },
    });
  });

  it('approvals of a request by one person with two tokens are one', async () => {
    const found = await count([approve('bob'), approve('bob', { iat: START_S - 1 })]);
    expect(found).toMatchObject({
      ...{ approvers: ['bob'], enough: false },
      discounted: [{ signer: 'bob', reason: 'approved already' }],
    });
  });

  it.each<[string, () => Promise<string>, string, string | undefined]>([
    ['for another request', () => approvalOf('bob', OTHER_BYTES), 'is for another request', 'bob'],
    ['by the requester', () => approve('alice'), 'is by the requester', 'alice'],
    ['by a stranger', () => approve('mallory'), 'no trusted key', undefined],
    [
      'that has ended',
      () => approve('bob', { iat: START_S - 7200, exp: START_S - 3600 }),
      'expired',
      undefined,
    ],
  ])('an approval %s does not count', async (_what, made, reason, signer) => {
    const found = await count([approve('carol'), made()]);
    expect(found).toMatchObject({
      ...{ approvers: ['carol'], enough: false },
      discounted: [{ signer, reason: expect.stringContaining(reason) }],
    });
  });

  it('a rejection is named, in the order of names, also by the requester and after its own end', async () => {
    const past = { iat: START_S - 7200, exp: START_S - 3600 };
    const found = await count([approve('bob'), reject('carol', past), reject('alice')]);
    expect(found).toMatchObject({ approvers: ['bob'], rejecters: ['alice', 'carol'], discounted: [] });
  });

  it('a rejection for another request stops nothing', async () => {
    const found = await count([approve('bob'), approvalOf('carol', OTHER_BYTES, { decision: 'reject' })]);
    expect(found).toMatchObject({ rejecters: [], discounted: [{ reason: 'is for another request' }] });
  });

  it('a decision that its signer took back does not count, and nobody else takes it back', async () => {
    const token = await reject('carol');
    const by = async (who: Member, bytes: Uint8Array = requestBytes, changes: object = {}) =>
      (
        await count([token], {
          withdrawals: ['rubbish', await withdrawalOf(who, bytes, { token, ...changes })],
        })
      ).rejecters;
    expect(await by('carol')).toEqual([]);
    expect(await by('carol', requestBytes, { iat: START_S - 7200, exp: START_S - 3600 })).toEqual([]);
    expect(await by('bob')).toEqual(['carol']);
    expect(await by('mallory')).toEqual(['carol']);
    expect(await by('carol', OTHER_BYTES)).toEqual(['carol']);
    const found = await count([token], {
      withdrawals: [await withdrawalOf('carol', requestBytes, { token })],
    });
    expect(found.discounted).toEqual([{ signer: 'carol', reason: 'was withdrawn' }]);
  });

  it('a decision that cannot be read at all is a fault, and no decision that does not count', async () => {
    await expect(count([undefined as never])).rejects.toThrow(TypeError);
    await expect(count([], { withdrawals: [undefined as never] })).rejects.toThrow(TypeError);
  });

  it('the threshold is the larger of what the bundle and what the caller asks for', async () => {
    expect(await count([approve('bob')], { least: 1 })).toMatchObject({ threshold: 2, enough: false });
    const three = await count([approve('bob'), approve('carol')], { least: 3 });
    expect(three).toMatchObject({ threshold: 3, enough: false });
    const read = requestOf({ effect: 'read' });
    expect(thresholdFor(read, BUNDLE)).toBe(1);
    expect(thresholdFor({ policy: 'standard', effect: 'write' }, BUNDLE)).toBe(2);
    expect(() => thresholdFor({ policy: 'emergency', effect: 'call' }, BUNDLE)).toThrow(
      expect.objectContaining({ code: 'TRUST_INVALID', message: expect.stringContaining('emergency') }),
    );
  });

  const scoped = (...scopes: Scope[]): TrustBundle => bundleAt(START_MS, { scopes });

  it('an approval outside of its scope does not count, and a rejection does', async () => {
    const bundle = scoped({ may: 'approve', person: 'bob', effects: ['read'] });
    expect(await count([approve('bob'), approve('carol')], { bundle })).toMatchObject({
      approvers: ['carol'],
      discounted: [{ signer: 'bob', reason: 'the effect call is outside their scope' }],
    });
    expect(await count([reject('bob')], { bundle })).toMatchObject({ rejecters: ['bob'], discounted: [] });
  });

  it('a scope over hosts and functions is compared with those that the caller names', async () => {
    const bundle = scoped({ may: 'approve', person: 'bob', hosts: 'env=demo', functions: ['get_*'] });
    const among = async (about: ApprovalsToCount['about']) =>
      (await count([approve('bob')], { bundle, ...(about && { about }) })).approvers;
    expect(await among(undefined)).toEqual(['bob']);
    const host = { host: 'demo-1', labels: { env: 'demo' } };
    expect(await among({ hosts: [host], callees: ['get_int'] })).toEqual(['bob']);
    expect(await among({ hosts: [host, { host: 'p', labels: { env: 'prod' } }] })).toEqual([]);
    expect(await among({ callees: ['get_int', 'panic'] })).toEqual([]);
  });

  it('a requester outside of their scope is named with the reason', async () => {
    const bundle = scoped({ may: 'request', person: 'alice', effects: ['read'] });
    expect((await count([], { bundle })).requesterOutside).toBe('the effect call is outside their scope');
    expect(refusedRequest(bundle, { request })).toBe('the effect call is outside their scope');
    expect(refusedRequest(BUNDLE, { request })).toBeUndefined();
    const others: Scope[] = [
      { may: 'request', person: 'bob', effects: ['read'] },
      { may: 'approve', person: 'alice', effects: ['read'] },
    ];
    expect(refusedRequest({ scopes: others }, { request })).toBeUndefined();
  });
});

describe('a ticket of an emergency', () => {
  const rules = { ticket: 'INC-*', reviewWithinMs: 3_600_000, reviewers: 1 };
  const refused = (
    reason: string,
    emergency: TrustBundle['emergency'] = rules,
    policy = 'emergency' as const,
  ) => refusedRequest({ ...(emergency && { emergency }) }, { request: requestOf({ policy, reason }) });

  it.each([
    'INC-1',
    'nfsd hangs, INC-4711.',
    '(INC-4711)',
    '[INC-4711]: nfsd',
    'see INC-1;INC-2',
    'INC-1!?',
    'a\tINC-1\nb',
  ])('a ticket of an emergency is a word of its reason: %j', reason => {
    expect(refused(reason)).toBeUndefined();
  });

  it.each(['nfsd hangs', 'XINC-4711', 'inc-4711', 'IN C-1', 'CHG-1'])(
    'a ticket of an emergency is missing in %j',
    reason => {
      expect(refused(reason)).toBe('the reason of an emergency must name a ticket such as INC-*');
    },
  );

  it('a ticket is asked for in emergencies only, and where the bundle says so', () => {
    expect(refusedRequest({ emergency: rules }, { request: requestOf({ reason: 'x' }) })).toBeUndefined();
    expect(refused('x', { reviewWithinMs: 3_600_000, reviewers: 1 })).toBeUndefined();
    expect(refusedRequest({}, { request: requestOf({ policy: 'emergency' }) })).toBeUndefined();
  });
});

describe('what is required of the count of approvals', () => {
  const counted = {
    approvers: ['bob'],
    rejecters: [],
    discounted: [],
    enough: true,
    threshold: 1,
    emptySeats: [],
  };
  const required = (changes: object) => () =>
    requireApproved({ ...counted, requesterOutside: undefined, ...changes }, request, 'on this host');

  it('enough approvals without a rejection are all that is required', () => {
    expect(required({})).not.toThrow();
  });

  it.each([
    [
      'a rejection',
      { rejecters: ['carol', 'dora'] },
      'REQUEST_REJECTED',
      'request req00001 is rejected by carol, dora',
    ],
    [
      'a requester who may not',
      { requesterOutside: 'the policy is outside' },
      'SCOPE_EXCEEDED',
      'alice may not ask for request req00001: the policy is outside',
    ],
    [
      'too few approvals',
      { enough: false, threshold: 2 },
      'APPROVALS_INSUFFICIENT',
      '1 of 2 approvals count on this host',
    ],
    [
      'nobody of a team',
      { enough: false, emptySeats: ['db', 'kernel'] },
      'APPROVALS_INSUFFICIENT',
      '1 of 1 approvals count on this host; missing: one of db, one of kernel',
    ],
    [
      'approvals that do not count',
      {
        enough: false,
        discounted: [
          { signer: undefined, reason: 'no trusted key' },
          { signer: 'carol', reason: 'was withdrawn' },
        ],
      },
      'APPROVALS_INSUFFICIENT',
      '1 of 1 approvals count on this host; not counted: one: no trusted key; carol: was withdrawn',
    ],
  ])('%s is refused', (_what, changes, code, message) => {
    expect(required(changes)).toThrow(expect.objectContaining({ code, message }));
  });

  it('eight reasons are named at most', () => {
    const discounted = Array.from({ length: 9 }, (_each, index) => ({ signer: `p${index}`, reason: 'x' }));
    expect(required({ enough: false, discounted })).toThrow(/p7: x$/);
  });
});

describe('the requester of a request', () => {
  const verified = async (token: Promise<string>, changes: object = {}) =>
    verifyRequester({
      token: await token,
      requestBytes,
      request,
      bundle: BUNDLE,
      nowMs: START_MS,
      ...changes,
    });

  it('the requester of a request has signed its bytes, for as long as it lives', async () => {
    await expect(verified(requestTokenOf('alice', requestBytes))).resolves.toBeUndefined();
    await expect(verified(requestTokenOf('alice', requestBytes, { exp: END_S }))).resolves.toBeUndefined();
  });

  it.each<[string, Member, Uint8Array, object, string]>([
    ['signed other bytes', 'alice', OTHER_BYTES, {}, 'alice signed another request than req00001'],
    [
      'signed for a shorter time',
      'alice',
      requestBytes,
      { exp: END_S - 1 },
      'ends before request req00001 does',
    ],
    ['is another than it names', 'carol', requestBytes, {}, 'names alice, and carol signed it'],
  ])('the requester of a request is refused who %s', async (_what, by, bytes, changes, why) => {
    const bundle = bundleAt(START_MS, { requesters: [entryOf('alice'), entryOf('carol')] });
    await expect(verified(requestTokenOf(by, bytes, changes), { bundle })).rejects.toMatchObject({
      code: 'TOKEN_CLAIMS',
      message: expect.stringContaining(why),
    });
  });

  it('the requester of a request is a requester of the bundle, of its site', async () => {
    expect(await codeOf(verified(requestTokenOf('bob', requestBytes)))).toBe('TOKEN_KEY_UNKNOWN');
    const elsewhere = { ...request, site: 'B'.repeat(43) };
    expect(await codeOf(verified(requestTokenOf('alice', requestBytes), { request: elsewhere }))).toBe(
      'SITE_OTHER',
    );
  });
});

describe('an abort of a request', () => {
  const bundle = bundleAt(START_MS, { requesters: [entryOf('alice'), entryOf('mallory')] });
  const aborted = async (token: Promise<string>, changes: object = {}) =>
    verifyAbort({ token: await token, requestBytes, request, bundle, nowMs: START_MS, ...changes });

  it.each<Member>(['alice', 'bob', 'ctl-1'])('an abort of a request by %s is obeyed', async by => {
    const token = abortOf(by, requestBytes, { exp: END_S, reason: 'enough' });
    expect(await aborted(token)).toEqual({ by, reason: 'enough' });
  });

  it('an abort of a request by the requester of another one is refused', async () => {
    const token = abortOf('mallory', requestBytes);
    expect(await codeOf(aborted(token))).toBe('FORBIDDEN');
    expect(await aborted(token, { request: { ...request, requester: 'mallory' } })).toMatchObject({
      by: 'mallory',
    });
  });

  it('an abort of other bytes, by a stranger, or of a shorter life than the request is refused', async () => {
    expect(await codeOf(aborted(abortOf('bob', OTHER_BYTES)))).toBe('TOKEN_CLAIMS');
    expect(await codeOf(aborted(abortOf('eve', requestBytes)))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await codeOf(aborted(abortOf('bob', requestBytes, { exp: END_S - 1 })))).toBe('TOKEN_CLAIMS');
  });
});
