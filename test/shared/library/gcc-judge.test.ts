import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Compiler } from '../../../agent/compiler/index.ts';
import { libraryHeaders } from '../../../shared/assets/index.ts';
import { Library, libraryHeadersIn } from '../../../shared/library/index.ts';
import { memoryOf } from '../../agent/compiler/support/memory-of.ts';
import { interpretToEnd } from '../../agent/compiler/support/run-to-end.ts';
import { ANY_CPU } from '../../agent/compiler/support/test-cpus.ts';
import { kernelOfHost } from '../../controller/module-signing/support/asking-host.ts';
import { JUDGED_FORMATS, JUDGED_PROGRAMS, JUDGED_TYPES } from './support/judged-programs.ts';
import { JUDGED_VALUES } from './support/judged-values.ts';

const library = new Library(libraryHeaders());
const compiler = new Compiler(kernelOfHost({ offsets: { sprint_symbol: 0x5000n } }));
const memory = memoryOf([]);

/** What stands for the words of the language that gcc does not have. */
const STUBS = `#include <stdio.h>
#include <stdlib.h>
#include <stdbool.h>
#define NULL 0
#define auto __auto_type
#define typeof __typeof__
#define offsetof __builtin_offsetof
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#define list_for_each_entry(entry, head, member) \\
  for ((entry) = container_of((head)->next, typeof(*(entry)), member); &(entry)->member != (head); \\
       (entry) = container_of((entry)->member.next, typeof(*(entry)), member))
#define __has_member(...) 0
#define __has_symbol(...) 0
#define __has_type(...) 0
#define __atomic_fetch_add(at, value) __sync_fetch_and_add(at, value)
#define require(condition) ((condition) ? (void)0 : abort())
`;

/** What the interpreter says, without the type; a program that did more than read would be no read. */
function interpreted(program: string, by = library): string {
  const text = `${JUDGED_TYPES}${by.select(program)}${program}`;
  const call = compiler.compileWithoutModule(text, 'farcall_test');
  if (call.image) throw new Error(`the effect is ${call.effect}: ${program}`);
  const end = call.readResult(interpretToEnd(call.interpret(memory)));
  if (end.kind !== 'returned') throw new Error(end.error.message);
  return end.value?.string ?? end.value?.integer ?? 'void';
}

/** Our value has the type of the expression; a long is what gcc is asked for. */
function asLong(program: string, by = library): string {
  return interpreted(`static long judged(void) { ${program} } judged()`, by);
}

/** Whether a program says what it has always said; one that is refused does not. */
function holds(program: string, at: number, by: Library): boolean {
  try {
    return asLong(program, by) === String(JUDGED_VALUES[at]);
  } catch {
    return false;
  }
}

function runByGcc(source: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'farcall-gcc-'));
  try {
    const [file, binary] = [join(directory, 'all.c'), join(directory, 'all')];
    writeFileSync(file, source);
    const flags = ['-std=gnu17', '-O1', '-fwrapv', '-fno-strict-aliasing', '-fno-builtin', '-w'];
    execFileSync('gcc', [...flags, file, '-o', binary]);
    return execFileSync(binary, { encoding: 'latin1' }).trimEnd().split('\n');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Headers that no program here uses, and why: they are about what only a kernel has. */
const NEEDS_KERNEL: Readonly<Record<string, string>> = {
  'symbols and tables of a running kernel':
    'blkdev cpumask io kernel_log mount netdevice nodemask slab stacktrace sysctl vmstat workqueue inet_sock',
  'tasks and what they hold': 'fdtable file mm nsproxy path sched sched/signal maple_tree',
  'functions of the kernel, or a refusal': 'gfp preempt printk spinlock uaccess',
  'memory of each CPU': 'percpu percpu_counter smp',
};

/** What a slip of the pen could be: each must change a number. */
const BROKEN: readonly (readonly [header: string, right: string, wrong: string])[] = [
  ['linux/rbtree.h', 'rb_right', 'rb_left'],
  ['linux/list.h', '->prev', '->next'],
  ['linux/err.h', '-MAX_ERRNO', 'MAX_ERRNO'],
  ['linux/string.h', '!= ', '== '],
  ['linux/xarray.h', '<< ', '>> '],
  ['linux/find.h', '+ 1', '+ 2'],
  ['linux/rwsem.h', '>> 8', '>> 7'],
  ['linux/list_nulls.h', '>> 1', '>> 2'],
  ['linux/kernel.h', ' < ', ' > '],
];

/** Numbers and structures are the same on every CPU of 64 bits. */
const NATIVE = ANY_CPU?.emulator.length === 0 ? [ANY_CPU] : [];

describe.each(NATIVE)('gcc for $arch judges the library', () => {
  let said: string[] = [];

  beforeAll(() => {
    const all = JUDGED_PROGRAMS.join('\n');
    // Functions that the C library has, too, get names of their own.
    const used = library.select(all).replace(/^static inline /gm, 'static __attribute__((unused)) ');
    const own = [...used.matchAll(/^static __attribute__\(\(unused\)\) [^(]*?(\w+)\(/gm)].map(
      ([, name]) => name!,
    );
    const renamed = own.map(name => `#define ${name} own_${name}`).join('\n');
    const functions = JUDGED_PROGRAMS.map((program, at) => `static long f${at}(void) { ${program} }`);
    const calls = JUDGED_PROGRAMS.map((_program, at) => `printf("%ld\\n", f${at}());`);
    said = runByGcc(
      [STUBS, renamed, JUDGED_TYPES, used, ...functions, `int main(void) { ${calls.join('\n')} }`].join('\n'),
    );
  });

  test.each(JUDGED_PROGRAMS.map((program, at) => ({ program, at })))(
    'the library and gcc compute the same number by $program',
    ({ program, at }) => {
      const known = String(JUDGED_VALUES[at]);
      expect({ ours: asLong(program), gcc: said[at] }).toEqual({ ours: known, gcc: known });
    },
  );

  test('snprintf writes what the C library writes', () => {
    const calls = JUDGED_FORMATS.map(format => `printf(${format}); printf("\\n");`);
    const lines = runByGcc(`#include <stdio.h>\nint main(void) { ${calls.join('\n')} }\n`);
    expect(JUDGED_FORMATS.map(format => interpreted(`text_of(${format})`))).toEqual(lines);
  });
});

test.each(BROKEN)('a slip in %s, %j for %j, changes what a program says', (header, right, wrong) => {
  const text = libraryHeaders().get(header)!;
  expect(text).toContain(right);
  const broken = new Library(new Map(libraryHeaders()).set(header, text.replaceAll(right, wrong)));
  const affected = JUDGED_PROGRAMS.map((program, at) => ({ program, at })).filter(({ program }) =>
    library.select(program).includes(header),
  );
  expect(affected.some(({ program, at }) => !holds(program, at, broken))).toBe(true);
});

test('every header is used by a program that gcc judges, or there is a reason why it is held on kernels alone', () => {
  const all = [...JUDGED_PROGRAMS, ...JUDGED_FORMATS.map(format => `text_of(${format});`)].join('\n');
  const judged = new Set(libraryHeadersIn(library.select(all)));
  const reasoned = Object.values(NEEDS_KERNEL).flatMap(names =>
    names.split(' ').map(name => `linux/${name}.h`),
  );
  expect(reasoned.filter(header => judged.has(header) || !library.has(header))).toEqual([]);
  const headers = Array.from(libraryHeaders().keys());
  expect(headers.filter(header => !judged.has(header) && !reasoned.includes(header))).toEqual([]);
});
