import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WRITING_KINDS, writesByKind } from '../../../../agent/compiler/check/index.ts';
import { Compiler } from '../../../../agent/compiler/index.ts';
import { globMatches } from '../../../../shared/glob/index.ts';
import { kernelOfHost } from '../../../controller/module-signing/support/asking-host.ts';

/**
 * `reason: name name …`, by the symbols of eleven Debian kernels: 5.10, 6.1, 6.12 and 7.2, generic and cloud,
 * amd64 and arm64.
 */
const KNOWN = readFileSync(join(import.meta.dirname, '../golden/writing-functions.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => line.split(': ', 2) as [string, string])
  .map(([reason, names]) => ({ reason, names: names.split(' ') }));

test('each function of these kernels that writes by its kind is known by its reason', () => {
  expect(KNOWN.map(({ reason }) => reason)).toEqual(WRITING_KINDS.map(({ reason }) => reason));
  for (const { reason, names } of KNOWN)
    expect(names.filter(name => writesByKind(name) !== reason)).toEqual([]);
});

test('each pattern of functions that write stands for a function of these kernels', () => {
  const names = KNOWN.flatMap(known => known.names);
  const patterns = WRITING_KINDS.flatMap(kind => kind.names);
  expect(patterns.filter(pattern => !names.some(name => globMatches(pattern, name)))).toEqual([]);
});

test.each([
  '_printk',
  'wake_up_process',
  'strlen',
  'gcd',
  'find_task_by_vpid',
  'vfree',
  'memchr',
  'kasprintf',
])('a call of %s is no write by its kind', name => {
  expect(writesByKind(name)).toBeUndefined();
});

test('a program that calls a function that writes by its kind writes', () => {
  const { symbols, ...kernel } = kernelOfHost({ offsets: { memcpy: 0x5000n, strlen: 0x6000n } });
  const compiler = new Compiler({ ...kernel, symbols });
  const effectOf = (program: string) => compiler.compile(program, 'farcall_test').effect;
  const declared =
    'extern void *memcpy(void *, const void *, unsigned long); extern int strlen(const char *);';
  expect(effectOf(`${declared} strlen("a")`)).toBe('write');
  expect(effectOf('extern int strlen(const char *); strlen("a")')).toBe('call');
  expect(
    effectOf('extern void *memcpy(void *, const void *, unsigned long); int a; memcpy(&a, "abc", 4);'),
  ).toBe('write');
});

test('a pointer reaches a function that writes by its kind only in a program that writes', () => {
  const compiler = new Compiler(kernelOfHost());
  const found = ['memset', 'unused'].map((name, index) => {
    return { name, module: undefined, address: 0xffff_ffff_8100_0000n + BigInt(index) };
  });
  const permitted = (program: string) =>
    compiler.compile(program, 'farcall_test', () => found).indirectCalls.map(call => call.permitted);
  const program = 'union { long l; int (*f)(void); } u = {}; u.f();';
  expect(permitted(program)).toEqual([['unused']]);
  expect(permitted(`extern struct pair a_pair; a_pair.b = 1; ${program}`)).toEqual([['memset', 'unused']]);
});

test.each(['__pfx_panic', '__cfi_panic', '__x86_indirect_thunk_rdi', '__SCT__might_resched'])(
  'the symbol %s is no function that a program can call',
  name => {
    const compiler = new Compiler(kernelOfHost({ offsets: { [name]: 0x5000n } }));
    const compile = () => compiler.compile(`extern void ${name}(void); ${name}()`, 'farcall_test');
    expect(compile).toThrow(/is the padding before a function|jumps to where a register/);
  },
);
