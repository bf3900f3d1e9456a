import { describe, expect, test } from 'vitest';
import { parseHostPolicy, permit, predictRefusals } from '../../../agent/policy/index.ts';
import type { CompiledCall } from '../../../agent/stages/index.ts';
import { authenticateOrder, verifyOrder } from '../../../agent/verify/index.ts';
import { type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { selectableFacts } from '../support/stand-in-stages.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);
const trust = {
  bundle: kit.bundle,
  host: 'web-01',
  labels: { env: 'test' },
  facts: selectableFacts,
  statements: { confirmedAtMs: 0 },
  nowMs: NOW_MS,
};

const WATCH = {
  ...{ name: 'tcp_retransmit_skb', module: undefined, forMs: 30_000, until: 1, atMost: 100 },
  ...{ text: 'watch tcp_retransmit_skb', line: 1, column: 1 },
};
const WATCHING: CompiledCall = {
  ...{ image: Buffer.from('module'), moduleName: 'farcall_0_1', effect: 'watch' },
  ...{ callees: [], indirectCalls: [], watches: [WATCH], denies: [] },
};

async function verified(request: OrderChanges['request'] = {}) {
  const { envelope } = await kit.order({ request: { effect: 'watch', ...request } });
  return verifyOrder(await authenticateOrder(envelope, trust), trust);
}

/** A policy that lets tcp functions be watched, with changes. */
function policy(probes: object = {}, others: object = {}) {
  const allowed = { allow: 'watch', functions: { allow: ['tcp_*'] }, ...probes };
  return parseHostPolicy(JSON.stringify({ effects: ['read', 'watch'], probes: allowed, ...others }));
}

test('a watch that the rules for probes permit is permitted', async () => {
  expect(permit(await verified(), WATCHING, policy()).compiled).toBe(WATCHING);
});

test('a watch that goes exactly to the limits of a policy is permitted', async () => {
  const exactly = policy({ longestMs: 30_000, mostPerSecond: 100 });
  expect(permit(await verified(), WATCHING, exactly).compiled).toBe(WATCHING);
});

test('a function with another name that no rule denies may be watched', async () => {
  const watching = { ...WATCHING, watches: [{ ...WATCH, aliases: ['__tcp_retransmit_skb'] }] };
  const rules = policy({ functions: { allow: ['tcp_*'], deny: ['udp_*'] } });
  expect(permit(await verified(), watching, rules).compiled).toBe(watching);
});

test('a policy that does not speak of probes refuses every watch, whatever effects it allows', async () => {
  const silent = parseHostPolicy(
    '{ "effects": ["read", "watch", "call", "write"], "functions": { "allow": ["*"] } }',
  );
  const order = await verified();
  expect(() => permit(order, WATCHING, silent)).toThrow(/policy \(probes\.allow\): tcp_retransmit_skb/);
});

describe('a watch that the policy forbids', () => {
  test.each<[rule: string, probes: object, others: object, changes: Partial<CompiledCall>]>([
    ['probes.allow', { allow: 'none' }, {}, {}],
    ['probes.functions.allow', { functions: { allow: ['udp_*'] } }, {}, {}],
    ['probes.functions.deny', { functions: { allow: ['*'], deny: ['*_skb'] } }, {}, {}],
    [
      'probes.functions.deny',
      { functions: { allow: ['*'], deny: ['secret'] } },
      {},
      { watches: [{ ...WATCH, aliases: ['secret'] }] },
    ],
    ['modules.allow', {}, {}, { watches: [{ ...WATCH, module: 'nfsd' }] }],
    ['probes.longestMs', { longestMs: 29_999 }, {}, {}],
    ['probes.mostPerSecond', { mostPerSecond: 99 }, {}, {}],
    ['effects', {}, { effects: ['read'] }, {}],
    ['effects', {}, { effects: ['read', 'call'] }, { effect: 'call' }],
  ])(
    'a watch that the policy forbids is refused by the member %s: %j %j',
    async (rule, probes, others, changes) => {
      const order = await verified({ effect: 'call' });
      const compiled = { ...WATCHING, ...changes };
      expect(() => permit(order, compiled, policy(probes, others))).toThrow(`policy (${rule}):`);
      const predicted = predictRefusals({ effect: 'call' }, compiled, policy(probes, others));
      expect(predicted.map(({ message }) => message).join('\n')).toContain(`policy (${rule}):`);
    },
  );
});

test('a request that declares a read gets no watch', async () => {
  const order = await verified({ effect: 'read' });
  expect(() => permit(order, WATCHING, policy())).toThrow(/the effect of the program is watch, but .* read/);
});
