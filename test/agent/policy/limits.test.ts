import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  checkLimits,
  type HostPolicy,
  isPermittedCall,
  mayCallOf,
  parseHostPolicy,
  predictRefusals,
  readHostPolicy,
} from '../../../agent/policy/index.ts';
import type { Callee } from '../../../agent/stages/index.ts';

const policyOf = (members: object = {}): HostPolicy => parseHostPolicy(JSON.stringify(members));
const callee = (name: string, changes: Partial<Callee> = {}): Callee => ({
  ...{ name, module: undefined, prototype: `void ${name}(void)` },
  ...changes,
});

describe('the limits of a host', () => {
  const policy = policyOf({
    ...{ largestProgramBytes: 4, longestTimeoutMs: 1000, policies: ['standard'] },
    mostFuel: 20_000_000,
  });
  const limited = (changes: object) => () =>
    checkLimits({ request: { program: 'f()', policy: 'standard', timeoutMs: 1000, ...changes } }, policy);

  test('the limits of a host allow what is exactly as large', () => {
    expect(limited({ program: 'f(1)', fuel: 20_000_000 })).not.toThrow();
  });

  test.each([
    ['largestProgramBytes', { program: 'f(12)' }, '5 bytes are over 4'],
    ['largestProgramBytes', { program: 'é()"' }, '5 bytes are over 4'],
    ['longestTimeoutMs', { timeoutMs: 1001 }, '1001 ms are over 1000'],
    ['mostFuel', { fuel: 20_000_001 }, '20000001 turns of loops are over 20000000'],
    ['policies', { policy: 'emergency' }, 'the approval policy emergency is not accepted here'],
  ])('the limits of a host refuse what is larger, by the member %s', (rule, changes, why) => {
    expect(limited(changes)).toThrow(
      expect.objectContaining({ code: 'POLICY_REFUSED', message: `this host's policy (${rule}): ${why}` }),
    );
  });
});

test('a request that says nothing of fuel wants the default, which a host may refuse too', () => {
  const request = { program: 'f()', policy: 'standard', timeoutMs: 1 } as const;
  expect(() => checkLimits({ request }, policyOf())).not.toThrow();
  expect(() => checkLimits({ request }, policyOf({ mostFuel: 9_999_999 }))).toThrow(/10000000 turns/);
});

describe('the refusals that a plan predicts', () => {
  const INDIRECT = { line: 3, column: 7, prototype: 'int (void)', permitted: [] };
  const predicted = (
    policy: HostPolicy,
    changes: Partial<Parameters<typeof predictRefusals>[1]> = {},
    declared: Parameters<typeof predictRefusals>[0] = { effect: 'write', indirectCalls: true },
  ) =>
    predictRefusals(
      declared,
      { effect: 'read', callees: [], indirectCalls: [], watches: [], denies: [], ...changes },
      policy,
    ).map(({ message }) => /\((.*?)\)/.exec(message)?.[1]);
  const open = policyOf({
    ...{ effects: ['read', 'call', 'write'], functions: { allow: ['*'] }, modules: { allow: ['*'] } },
    indirectCalls: 'checked',
  });

  test('the refusals that a plan predicts are none for what the policy allows', () => {
    expect(predicted(open, { effect: 'write', callees: [callee('f')], indirectCalls: [INDIRECT] })).toEqual(
      [],
    );
    expect(predicted(policyOf())).toEqual([]);
  });

  test('the refusals that a plan predicts are all of them, in the order of the checks', () => {
    const callees = [callee('panic'), callee('memcpy', { module: 'nfsd' })];
    const strict = policyOf({ functions: { allow: ['mem*'] } });
    expect(predicted(strict, { callees, indirectCalls: [INDIRECT] })).toEqual([
      ...['effects', 'indirectCalls', 'functions.allow', 'modules.allow'],
    ]);
  });

  test.each<[string, Parameters<typeof predicted>[1], Parameters<typeof predicted>[2]]>([
    ['a write that is declared as a call', { effect: 'write' }, { effect: 'call' }],
    ['a write that is declared as a read', { effect: 'write' }, { effect: 'read' }],
    ['a call that is declared as a read', { callees: [callee('f')] }, { effect: 'read' }],
    ['a call through a pointer that is not declared', { indirectCalls: [INDIRECT] }, { effect: 'call' }],
    ['a pointer in a declared read', { indirectCalls: [INDIRECT] }, { effect: 'read', indirectCalls: true }],
  ])('the refusals that a plan predicts have %s', (_what, changes, declared) => {
    expect(predicted(open, changes, declared)).toEqual(['declared effect']);
  });

  test.each<[string, Parameters<typeof predicted>[1], Parameters<typeof predicted>[2]]>([
    ['a write', { effect: 'write' }, { effect: 'write' }],
    ['a call that is declared as a write', { callees: [callee('f')] }, { effect: 'write' }],
    ['a call', { callees: [callee('f')] }, { effect: 'call' }],
    ['a read', {}, { effect: 'read' }],
  ])('a declaration covers %s', (_what, changes, declared) => {
    expect(predicted(open, changes, declared)).toEqual([]);
  });

  test('a program that writes and calls takes both effects of the policy', () => {
    const writes = { effect: 'write', callees: [callee('f')] } as const;
    expect(predicted({ ...open, effects: ['read', 'write'] }, writes)).toEqual(['effects']);
    expect(predicted({ ...open, effects: ['read', 'call'] }, writes)).toEqual(['effects']);
    expect(predicted({ ...open, effects: ['read', 'write'] }, { effect: 'write' })).toEqual([]);
  });

  test('a function is judged by its name, its other names and its module', () => {
    const by = (rules: object, each: Callee) =>
      predicted(policyOf({ effects: ['call'], functions: { allow: ['*'] }, ...rules }), { callees: [each] });
    const copies = callee('__memcpy', { aliases: ['memmove', 'memcpy'] });
    expect(by({}, copies)).toEqual([]);
    expect(by({ functions: { allow: ['*'], deny: ['memcpy'] } }, copies)).toEqual(['functions.deny']);
    expect(by({ functions: { allow: ['memcpy'] } }, copies)).toEqual(['functions.allow']);
    expect(by({ modules: { allow: ['nfsd'] } }, callee('f'))).toEqual(['modules.allow']);
    expect(by({ modules: { allow: ['nfsd'] } }, callee('f', { module: 'nfsd' }))).toEqual([]);
    expect(by({ modules: { allow: ['*'], deny: ['nfsd'] } }, callee('f', { module: 'nfsd' }))).toEqual([
      'modules.deny',
    ]);
  });
});

describe('the functions that a pointer may hold', () => {
  test('the functions that a pointer may hold have one name that is allowed and none that is denied', () => {
    const may = mayCallOf(
      policyOf({
        ...{ indirectCalls: 'checked', functions: { allow: ['get_*'], deny: ['*_secret', 'get_root'] } },
        modules: { allow: ['vmlinux', 'nfs*'], deny: ['nfsd'] },
      }),
    );
    expect(may.function(['get_int'])).toBe(true);
    expect(may.function(['put_int', 'get_int'])).toBe(true);
    expect(may.function(['put_int'])).toBe(false);
    expect(may.function(['get_int', 'the_secret'])).toBe(false);
    expect(may.function(['get_root'])).toBe(false);
    expect(may.function([])).toBe(false);
    expect([undefined, 'nfs', 'nfsd', 'ext4'].map(module => may.module(module))).toEqual([
      ...[true, true, false, false],
    ]);
  });

  test('the functions that a pointer may hold are none where calls through pointers are refused', () => {
    const may = mayCallOf(policyOf({ functions: { allow: ['*'] } }));
    expect([may.function(['f']), may.module(undefined)]).toEqual([false, false]);
  });
});

describe('a policy as it is written', () => {
  test.each<[string, object]>([
    ['no effect', { effects: [] }],
    ['no approval policy', { policies: [] }],
    ['an empty pattern', { functions: { allow: [''] } }],
    ['a pattern with a space', { functions: { deny: ['a b'] } }],
    ['a pattern with a line after it', { functions: { deny: ['a\n'] } }],
    ['a long pattern', { modules: { allow: ['x'.repeat(129)] } }],
    ['no time', { longestTimeoutMs: 0 }],
    ['more than an hour', { longestTimeoutMs: 3_600_001 }],
    ['no program', { largestProgramBytes: 0 }],
    ['a member that nobody knows', { function: {} }],
    ['a key without signing', { moduleKey: { key: 'k', certificateFile: 'c' } }],
    ['signing without a key', { moduleSigning: 'local' }],
    [
      'signing by the controller with a key',
      { moduleSigning: 'controller', moduleKey: { key: 'k', certificateFile: 'c' } },
    ],
  ])('a policy as it is written is refused with %s', (_what, members) => {
    expect(() => policyOf(members)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('a policy as it is written may go to each limit', () => {
    const widest = { longestTimeoutMs: 3_600_000, modules: { allow: ['x'.repeat(128)] } };
    expect(policyOf(widest)).toMatchObject(widest);
    expect(policyOf({ longestTimeoutMs: 1, largestProgramBytes: 1 })).toMatchObject({ longestTimeoutMs: 1 });
    expect(() => parseHostPolicy('{', 'p.json')).toThrow('p.json: not JSON');
  });

  test('a policy is read from its file, or the error says what is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-policy-'));
    const path = join(folder, 'policy.json');
    expect(() => readHostPolicy(path)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    writeFileSync(path, JSON.stringify({ effects: ['read', 'call'] }), { mode: 0o600 });
    expect(readHostPolicy(path)).toEqual(policyOf({ effects: ['read', 'call'] }));
    const keyed = (key: string) => {
      const moduleKey = { key, certificateFile: 'key.der' };
      writeFileSync(path, JSON.stringify({ moduleSigning: 'local', moduleKey }), { mode: 0o600 });
      return readHostPolicy(path).moduleKey;
    };
    const certificateFile = join(folder, 'key.der');
    expect(keyed('key.pem')).toEqual({ key: join(folder, 'key.pem'), certificateFile });
    expect(keyed('pkcs11:token=t;object=k')).toEqual({ key: 'pkcs11:token=t;object=k', certificateFile });
    rmSync(folder, { recursive: true });
  });
});

test('a call that looks permitted is told from one that is', () => {
  expect(isPermittedCall({ order: {}, compiled: {} })).toBe(false);
});
