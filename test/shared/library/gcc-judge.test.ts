import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Compiler } from '../../../agent/compiler/index.ts';
import { libraryHeaders } from '../../../shared/assets/index.ts';
import { Library } from '../../../shared/library/index.ts';
import { memoryOf } from '../../agent/compiler/support/memory-of.ts';
import { interpretToEnd } from '../../agent/compiler/support/run-to-end.ts';
import { ANY_CPU } from '../../agent/compiler/support/test-cpus.ts';
import { kernelOfHost } from '../../controller/module-signing/support/asking-host.ts';
import { JUDGED_FORMATS, JUDGED_PROGRAMS, JUDGED_TYPES } from './support/judged-programs.ts';

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
#define require(condition) ((condition) ? (void)0 : abort())
`;

/** What the interpreter says, without the type; a program that did more than read would be no read. */
function interpreted(program: string): string {
  const text = `${JUDGED_TYPES}${library.select(program)}${program}`;
  const call = compiler.compileWithoutModule(text, 'farcall_test');
  if (call.image) throw new Error(`the effect is ${call.effect}: ${program}`);
  const end = call.readResult(interpretToEnd(call.interpret(memory)));
  if (end.kind !== 'returned') throw new Error(end.error.message);
  return end.value?.string ?? end.value?.integer ?? 'void';
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
      // Our value has the type of the expression; a long is what gcc was asked for.
      expect(interpreted(`static long judged(void) { ${program} } judged()`)).toBe(said[at]);
    },
  );

  test('snprintf writes what the C library writes', () => {
    const calls = JUDGED_FORMATS.map(format => `printf(${format}); printf("\\n");`);
    const lines = runByGcc(`#include <stdio.h>\nint main(void) { ${calls.join('\n')} }\n`);
    expect(JUDGED_FORMATS.map(format => interpreted(`text_of(${format})`))).toEqual(lines);
  });
});
