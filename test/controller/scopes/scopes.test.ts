import { describe, expect, it } from 'vitest';
import { limitedApprovers, plannedCallees, scopedParts } from '../../../controller/scopes/index.ts';
import type { RequestRecord } from '../../../controller/store/index.ts';
import { type Plan, planCodec, signedPlanReplyCodec } from '../../../shared/messages/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import type { Scope } from '../../../shared/trust/index.ts';
import { BUNDLE, bundleAt, HOSTS, KEYS, START_MS } from '../../kit/cast.ts';
import { requestOf } from '../../kit/decisions.ts';
import { planOf } from '../../kit/host-statements.ts';

const QUERY = Buffer.from('query');
const LABELS = [{ host: 'demo-1', labels: { env: 'demo' } }];

/** A store with one plan, of these replies; undefined stands for a host that could not compile. */
async function planned(...callees: (readonly string[] | undefined)[]) {
  const replies = callees.map(async names => {
    const found = names?.map(name => ({ name, prototype: `int ${name}(void)` })) ?? [];
    const reply = names ? { callees: found } : { callees: [], effect: undefined };
    return signedPlanReplyCodec.decode(await planOf(HOSTS.one, QUERY, START_MS, reply as never));
  });
  const plan: Plan = {
    ...{ query: QUERY, selector: 'env=demo', expectedHosts: 1, expectedHostsDigest: sha256(QUERY) },
    kernels: [{ release: '6.12', version: '#1', arch: 'x86_64', hosts: 1, asked: ['demo-1'] }],
    replies: await Promise.all(replies),
    relabelled: [],
  };
  const bytes = planCodec.encode(plan);
  const planDigest = sha256(bytes);
  const findByDigest = async (digest: Uint8Array) =>
    Buffer.from(digest).equals(planDigest) ? ({ bytes } as never) : undefined;
  return { planDigest, plans: { findByDigest } };
}

describe('the functions of a plan', () => {
  it('the functions of a plan are those of all hosts that compiled the program, each once', async () => {
    const { plans, planDigest } = await planned(['_printk'], undefined, ['_printk', 'panic']);
    expect(await plannedCallees({ plans }, { planDigest })).toEqual(['_printk', 'panic']);
  });

  it('the functions of a plan are not known without a plan, or where no host compiled', async () => {
    const { plans } = await planned(['_printk']);
    expect(await plannedCallees({ plans }, {})).toBeUndefined();
    expect(await plannedCallees({ plans }, { planDigest: sha256(QUERY) })).toBeUndefined();
    const failed = await planned(undefined);
    expect(await plannedCallees(failed, failed)).toBeUndefined();
    const calls = await planned([]);
    expect(await plannedCallees(calls, calls)).toEqual([]);
  });
});

describe('what scopes are compared with', () => {
  const parts = async (scopes: readonly Scope[] | undefined, withPlan = true) => {
    const { plans, planDigest } = await planned(['_printk']);
    const request = requestOf(withPlan ? { planDigest } : {});
    const record = { id: 'req1', request } as Pick<RequestRecord, 'id' | 'request'>;
    const read: string[] = [];
    const deps = {
      requests: {
        async expectedLabels(id: string) {
          read.push(`labels of ${id}`);
          return LABELS;
        },
      },
      plans: {
        async findByDigest(digest: Uint8Array) {
          read.push('plan');
          return plans.findByDigest(digest);
        },
      },
    };
    return { found: await scopedParts(deps as never, record, scopes ? { scopes: [...scopes] } : {}), read };
  };
  const hosts: Scope = { may: 'approve', person: 'bob', hosts: 'env=demo' };
  const functions: Scope = { may: 'approve', person: 'bob', functions: ['get_*'] };
  const effects: Scope = { may: 'approve', person: 'bob', effects: ['read'] };

  it('what scopes are compared with is read only where a scope limits it', async () => {
    expect(await parts(undefined)).toEqual({ found: {}, read: [] });
    expect(await parts([effects])).toEqual({ found: {}, read: [] });
    expect(await parts([effects, hosts])).toEqual({ found: { hosts: LABELS }, read: ['labels of req1'] });
    expect(await parts([effects, functions])).toEqual({ found: { callees: ['_printk'] }, read: ['plan'] });
    expect((await parts([hosts, functions])).found).toEqual({ hosts: LABELS, callees: ['_printk'] });
  });

  it('what scopes are compared with names no functions without a plan', async () => {
    expect((await parts([functions], false)).found).toEqual({});
  });
});

describe('approvers whose approval would not count', () => {
  const act = { request: requestOf() };

  it('approvers whose approval would not count are named with the reason, in the order of the bundle', () => {
    const scopes: Scope[] = [
      { may: 'approve', person: 'carol', effects: ['read'] },
      { may: 'approve', person: 'alice', effects: ['write'] },
      { may: 'approve', person: 'bob', effects: ['call'] },
    ];
    expect(limitedApprovers(bundleAt(START_MS, { scopes }), act)).toEqual([
      { name: 'alice', reason: 'the effect call is outside their scope' },
      { name: 'carol', reason: 'the effect call is outside their scope' },
    ]);
  });

  it('approvers are not limited in a bundle without scopes', () => {
    expect(limitedApprovers(BUNDLE, act)).toEqual([]);
  });

  it('approvers whose approval would not count are named up to 64', () => {
    const approvers = Array.from({ length: 65 }, (_each, index) => ({
      name: `person-${index}`,
      keys: [KEYS.bob.publicJwk],
    }));
    const scopes = approvers.map(({ name }): Scope => ({ may: 'approve', person: name, effects: ['read'] }));
    const limited = limitedApprovers({ ...BUNDLE, approvers, scopes }, act);
    expect(limited.map(({ name }) => name)).toEqual(approvers.slice(0, 64).map(({ name }) => name));
  });
});
