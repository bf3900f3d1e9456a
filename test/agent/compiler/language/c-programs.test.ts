import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { C_PROGRAMS } from '../support/c-programs.ts';
import { memoryOf } from '../support/memory-of.ts';
import { interpretToEnd } from '../support/run-to-end.ts';
import { smallKernel } from '../support/small-kernel.ts';
import { ANY_CPU } from '../support/test-cpus.ts';

const { compiler } = smallKernel();
const memory = memoryOf([]);

/** The number that a program returns, without its type. */
function returned(program: string): string | undefined {
  const call = compiler.compileWithoutModule(program, 'farcall_test');
  if (call.image) throw new Error('it does more than read');
  const end = call.readResult(interpretToEnd(call.interpret(memory)));
  return end.kind === 'returned' ? end.value.text.replace(/^\([^)]*\)/, '') : end.error.message;
}

test.each(C_PROGRAMS)('the program %s returns what gcc says', (program, value) => {
  expect(returned(program)).toBe(value);
});

/** Numbers are the same on every CPU of 64 bits, with the same flags. */
const NATIVE = ANY_CPU?.emulator.length === 0 ? [ANY_CPU] : [];

describe.each(NATIVE)('gcc for $arch', () => {
  test('gcc says what is written in the list of programs', () => {
    const directory = mkdtempSync(join(tmpdir(), 'farcall-gcc-'));
    try {
      const functions = C_PROGRAMS.map(([program], index) => `static long f${index}(void) { ${program} }`);
      const calls = C_PROGRAMS.map((_program, index) => `printf("%ld\\n", f${index}());`);
      const [source, binary] = [join(directory, 'all.c'), join(directory, 'all')];
      writeFileSync(
        source,
        `#include <stdio.h>\n${functions.join('\n')}\nint main(void) { ${calls.join('\n')} }\n`,
      );
      const flags = ['-std=gnu17', '-O1', '-fwrapv', '-fsigned-char', '-fno-strict-aliasing', '-w'];
      execFileSync('gcc', [...flags, source, '-o', binary]);
      const values = execFileSync(binary, { encoding: 'utf8' }).trimEnd().split('\n');
      expect(values).toEqual(C_PROGRAMS.map(([, value]) => value));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

test.each([
  ['int a[3] = { [0 ... 3] = 1 }; 1', /has no element 3/],
  ['int a[3] = { [2 ... 1] = 1 }; 1', /the range \[2 ... 1\] has to go up/],
  ['int a[9000] = { [0 ... 8999] = 1 }; 1', /by at most 4096/],
  ['struct { int a[3]; } s; offsetof(struct pair, a[0 ... 1])', /expected|found/],
])('the program %s is refused for its range', (program, why) => {
  expect(() => compiler.compile(program, 'farcall_test')).toThrow(why);
});

test('an element of a range is computed once', () => {
  expect(returned('int n = 0; int a[4] = { [0 ... 3] = ++n }; return n * 100 + a[0] * 10 + a[3];')).toBe(
    '111',
  );
});

test('a name of a file is a text, and bytes that are none are an address', () => {
  const bytes = (type: string): string => `${type} *p = (${type} *)"ab"; p`;
  expect(returned(bytes('const unsigned char'))).toMatch(/"ab"/);
  expect(returned(bytes('unsigned char'))).not.toContain('ab"');
  expect(returned(bytes('const u8'))).not.toContain('ab"');
});
