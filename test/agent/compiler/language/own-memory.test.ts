import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KEEPING_KINDS, keepsPointers } from '../../../../agent/compiler/check/names/index.ts';
import { Compiler } from '../../../../agent/compiler/index.ts';
import type { FarcallError } from '../../../../shared/errors/index.ts';
import { globMatches } from '../../../../shared/glob/index.ts';
import { kernelOfHost } from '../../../controller/module-signing/support/asking-host.ts';

/** `reason: name name …`, by the symbols of Debian's 5.10, 6.1, 6.12 and 7.2, amd64 and arm64. */
const KNOWN = readFileSync(join(import.meta.dirname, '../golden/keeping-functions.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => line.split(': ', 2) as [string, string])
  .map(([reason, names]) => ({ reason, names: names.split(' ') }));

const OFFSETS = {
  ...{ register_probe: 0x5000n, unregister_probe: 0x5100n, call_rcu: 0x5200n, __list_add: 0x5300n },
  ...{ kthread_create_on_node: 0x5400n, wait_for: 0x5500n },
};
const DECLARED = `struct thing { struct thing *next; char name[8]; };
extern int register_probe(void *); extern int unregister_probe(void *); extern void call_rcu(void *, void *);
extern void __list_add(void *, void *, void *); extern long kthread_create_on_node(void *, void *, int, const char *);
extern int wait_for(void *); extern struct thing a_pair;
`;

function problemOf(program: string): string | undefined {
  const compiler = new Compiler(kernelOfHost({ offsets: OFFSETS }));
  try {
    compiler.compile(`${DECLARED}${program}`, 'farcall_test');
    return undefined;
  } catch (error) {
    return (error as FarcallError).message.split('\n')[0];
  }
}

test('each function of these kernels that keeps pointers is known by its reason', () => {
  expect(KNOWN.map(({ reason }) => reason)).toEqual(KEEPING_KINDS.map(({ reason }) => reason));
  for (const { reason, names } of KNOWN)
    expect(names.filter(name => keepsPointers(name)?.reason !== reason)).toEqual([]);
});

test('each pattern of functions that keep pointers stands for a function of these kernels', () => {
  const names = KNOWN.flatMap(known => known.names);
  const patterns = KEEPING_KINDS.flatMap(kind => kind.names);
  expect(patterns.filter(pattern => !names.some(name => globMatches(pattern, name)))).toEqual([]);
});

test.each([
  [
    'a variable to what registers it',
    'struct thing t; register_probe(&t);',
    /'register_probe' registers it .*'t'/,
  ],
  ['a static variable', 'static struct thing t; register_probe(&t);', /'register_probe' registers it/],
  ['a member of a variable', 'struct thing t; register_probe(&t.name[2]);', /'register_probe' registers it/],
  ['a string literal', 'register_probe("x");', /a string literal of the program/],
  ['a compound literal', 'register_probe(&(struct thing){ 0 });', /a compound literal/],
  ['one of two', 'struct thing t; register_probe(t.next ? t.next : &t);', /registers it/],
  ['a variable to what uses it after a grace period', 'struct thing t; call_rcu(&t, 0);', /grace period/],
  [
    "a variable among what is the kernel's",
    'struct thing t; __list_add(&t, &a_pair, &a_pair);',
    /kernel walks/,
  ],
  ['a variable to a thread', 'int x; kthread_create_on_node(0, &x, 0, "n");', /lives on/],
  [
    'a variable to memory of the kernel',
    'struct thing t; a_pair.next = &t;',
    /the kernel would keep a pointer/,
  ],
  ['it by an exchange', 'struct thing t; xchg(&a_pair.next, &t);', /the kernel would keep a pointer/],
])('a program is refused that gives %s', (_what, program, message) => {
  expect(problemOf(program)).toMatch(message);
});

test.each([
  ['takes back what was registered', 'struct thing t; unregister_probe(&t);'],
  ['lends its memory to a function that gives it back', 'struct thing t; wait_for(&t);'],
  ['gives memory of the kernel', 'register_probe(&a_pair);'],
  ['links its own memory', 'struct thing a, b; __list_add(&a, &b, &b); a.next = &b;'],
  ['stores its own addresses in its own memory', 'struct thing t; t.next = &t; struct thing *p = &t;'],
  ['names a thread', 'kthread_create_on_node(0, 0, 0, "name");'],
])('a program is compiled that %s', (_what, program) => {
  expect(problemOf(program)).toBeUndefined();
});
