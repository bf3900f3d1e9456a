import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHostPolicy, readHostPolicy, tellablePolicy } from '../../../agent/policy/index.ts';
import { globMatches } from '../../../shared/glob/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('members that are missing have strict defaults', () => {
  expect(parseHostPolicy('{}')).toEqual({
    effects: ['read'],
    functions: { allow: [], deny: [] },
    modules: { allow: ['vmlinux'], deny: [] },
    indirectCalls: 'refuse',
    probes: {
      ...{ allow: 'none', functions: { allow: [], deny: [] }, longestMs: 60_000, mostPerSecond: 10_000 },
      denies: { functions: { allow: [], deny: [] }, longestMs: 604_800_000 },
    },
    longestTimeoutMs: 30_000,
    mostFuel: 10_000_000,
    largestProgramBytes: 8192,
    policies: ['standard'],
    plan: 'compile',
  });
});

describe('a policy is refused, naming the member', () => {
  test.each([
    ['{', /not JSON/],
    ['{"Effects":["read"]}', /Effects/],
    ['{"policies":["any"]}', /policies\.0/],
    ['{"largestProgramBytes":65537}', /largestProgramBytes/],
    ['{"effects":[]}', /effects/],
    ['{"effects":["reed"]}', /effects\.0/],
    ['{"effects":["read"],"function":{}}', /function/],
    ['{"effects":["read"],"functions":{"denied":["x"]}}', /functions/],
    ['{"effects":["read"],"functions":{"deny":["a b"]}}', /functions\.deny\.0/],
    ['{"effects":["read"],"longestTimeoutMs":0}', /longestTimeoutMs/],
  ])('the policy %s is refused', (text, message) => {
    expect(() => parseHostPolicy(text)).toThrow(message);
    expect(() => parseHostPolicy(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('patterns of a policy', () => {
  test.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['wake_*', 'wake_up_process', true],
    ['wake_*', 'awake_', false],
    ['*_lock', 'rcu_read_lock', true],
    ['*_lock', 'rcu_read_lock_bh', false],
    ['a*b*c', 'a__b__b_c', true],
    ['a*b*c', 'a__c__b', false],
    ['?printk', '_printk', true],
    ['?printk', 'printk', false],
    ['printk', 'printk', true],
    ['printk', '_printk', false],
    ['x.y', 'xzy', false],
    ['', '', true],
    ['', 'x', false],
  ])('match or do not match as they should: %s on %s', (pattern, name, matches) => {
    expect(globMatches(pattern, name)).toBe(matches);
  });

  test('patterns of a policy agree with the regular expression of the same meaning', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (glob, name) => {
        const expression = glob.replaceAll('*', '.*').replaceAll('?', '.');
        expect(globMatches(glob, name)).toBe(new RegExp(`^${expression}$`).test(name));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the setting of how modules are signed', () => {
  test('the setting of how modules are signed is left to the kernel where the policy does not say', () => {
    expect(parseHostPolicy('{}').moduleSigning).toBeUndefined();
  });

  test('the setting of how modules are signed may name a key of the host, whose paths count from the policy file', () => {
    const folder = temporaryDirectory();
    const path = join(folder, 'policy.json');
    const moduleKey = { key: 'module.key', certificateFile: '/etc/module.pem' };
    writeFileSync(path, JSON.stringify({ moduleSigning: 'local', moduleKey }));
    expect(readHostPolicy(path).moduleKey).toEqual({
      key: join(folder, 'module.key'),
      certificateFile: '/etc/module.pem',
    });
  });

  test.each([
    [{ moduleSigning: 'local' }, /: moduleKey: /],
    [{ moduleSigning: 'controller', moduleKey: { key: 'k', certificateFile: 'c' } }, /: moduleKey: /],
    [{ moduleSigning: 'sometimes' }, /moduleSigning/],
  ])('the setting of how modules are signed is refused if it contradicts itself: %j', (policy, place) => {
    expect(() => parseHostPolicy(JSON.stringify(policy))).toThrow(place);
  });
});

describe('a policy as others may see it', () => {
  test('a policy as others may see it says that there is a key for modules, and not where', () => {
    const moduleKey = { key: '/etc/secret.key', certificateFile: '/etc/module.pem' };
    const policy = parseHostPolicy(JSON.stringify({ moduleSigning: 'local', moduleKey }));
    expect(tellablePolicy(policy)).toEqual({ ...policy, moduleKey: 'its own' });
  });

  test('a policy as others may see it is the whole policy if there is no key', () => {
    const policy = parseHostPolicy('{}');
    expect(tellablePolicy(policy)).toEqual(policy);
    expect(tellablePolicy(policy)).not.toHaveProperty('moduleKey');
  });
});
