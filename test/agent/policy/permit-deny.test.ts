import { expect, test } from 'vitest';
import { parseHostPolicy, permit, predictRefusals } from '../../../agent/policy/index.ts';
import { authenticateOrder, verifyOrder } from '../../../agent/verify/index.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { selectableFacts } from '../support/stand-in-stages.ts';

const DENY = {
  ...{ name: 'alg_bind', module: undefined, lifeMs: 86_400_000, value: '-EPERM', condition: undefined },
  ...{ text: 'deny alg_bind with -EPERM to everyone, for 1 days', line: 1, column: 1 },
};
const DENYING = { effect: 'deny', callees: [], indirectCalls: [], watches: [], denies: [DENY] } as const;

/** A policy that lets functions of AF_ALG be denied, with changes. */
function policy(probes: object = {}, others: object = {}) {
  const denies = { functions: { allow: ['alg_*'] } };
  const allowed = { allow: 'deny', denies, ...probes };
  return parseHostPolicy(JSON.stringify({ effects: ['read', 'deny'], probes: allowed, ...others }));
}

function refusals(declared: 'deny' | 'write', compiled: object, by = policy()): string {
  const found = predictRefusals({ effect: declared }, { ...DENYING, ...compiled }, by);
  return found.map(({ message }) => message).join('\n');
}

test('a deny that the rules for probes permit is permitted, up to the longest life that they allow', () => {
  expect(refusals('deny', {})).toBe('');
  const denies = { functions: { allow: ['alg_*'] }, longestMs: DENY.lifeMs };
  expect(refusals('deny', {}, policy({ denies }))).toBe('');
});

test('a function without other names is judged by its own name alone', () => {
  const denies = { functions: { allow: ['alg_bind'], deny: ['*s*'] } };
  expect(refusals('deny', {}, policy({ denies }))).toBe('');
});

test('a host permits no approved deny that its policy forbids', async () => {
  const nowMs = Date.UTC(2026, 10, 22);
  const { bundle, order } = orderKit(nowMs);
  const host = { host: 'web-01', labels: { env: 'test' }, facts: selectableFacts };
  const trust = { bundle, ...host, statements: { confirmedAtMs: 0 }, nowMs };
  const { envelope } = await order({ request: { effect: 'deny' } });
  const verified = await verifyOrder(await authenticateOrder(envelope, trust), trust);
  const denies = [{ ...DENY, stateAt: 0, missedAt: 8 }];
  const compiled = { ...DENYING, image: new Uint8Array(1), moduleName: 'm', denies };

  expect(permit(verified, compiled, policy()).compiled).toBe(compiled);
  expect(() => permit(verified, compiled, policy({ allow: 'watch' }))).toThrow(/alg_bind cannot be denied/);
});

test('a policy that allows watches alone, or what it says of watches, permits no deny', () => {
  const watches = { allow: 'watch', functions: { allow: ['*'] } };
  expect(refusals('deny', {}, policy(watches))).toMatch(
    /policy \(probes\.allow\): alg_bind cannot be denied/,
  );
  const broad = { functions: { allow: ['*'] }, denies: {} };
  expect(refusals('deny', {}, policy(broad))).toMatch(/probes\.denies\.functions\.allow/);
});

test.each<[rule: string, probes: object, others: object, compiled: object]>([
  ['probes.denies.functions.deny', { denies: { functions: { allow: ['*'], deny: ['alg_*'] } } }, {}, {}],
  [
    'probes.denies.functions.deny',
    { denies: { functions: { allow: ['*'], deny: ['secret'] } } },
    {},
    { denies: [{ ...DENY, aliases: ['secret'] }] },
  ],
  ['probes.denies.longestMs', { denies: { functions: { allow: ['*'] }, longestMs: 86_399_999 } }, {}, {}],
  ['modules.allow', {}, {}, { denies: [{ ...DENY, module: 'af_alg' }] }],
  ['effects', {}, { effects: ['read', 'write'] }, {}],
])('a deny that the policy forbids is refused by the member %s: %j %j', (rule, probes, others, compiled) => {
  expect(refusals('deny', compiled, policy(probes, others))).toContain(`policy (${rule}):`);
});

test('a request that declares a write gets no deny', () => {
  expect(refusals('write', {})).toMatch(/the effect of the program is deny, but the request declares write/);
});
