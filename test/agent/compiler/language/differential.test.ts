import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CompiledModule, ProgramEnd } from '../../../../agent/compiler/index.ts';
import { withFile } from '../support/disassemble.ts';
import { guarded } from '../support/guarded.ts';
import {
  cSource,
  type Expression,
  expressionOver,
  toConstantProgram,
  toProgram,
} from '../support/random-expression.ts';
import { canBuild, TEST_CPUS, type TestCpu } from '../support/test-cpus.ts';
import { type Getter, UserKernel } from '../support/user-kernel.ts';

const EXPRESSIONS = 600;
const SEED = 20240601;

/** `int -1`, or `divided`, as the C program prints it. */
function evaluatedByGcc(
  { tools, emulator }: TestCpu,
  getters: readonly Getter[],
  expressions: readonly Expression[],
): string[] {
  return withFile(
    Buffer.from(cSource(getters, expressions)),
    path => {
      execFileSync(`${tools}gcc`, [
        '-static',
        '-std=gnu11',
        '-O0',
        '-fwrapv',
        '-w',
        '-o',
        `${path}.out`,
        path,
      ]);
      const [program, ...args] = [...emulator, `${path}.out`];
      return execFileSync(program!, args, { encoding: 'utf8' }).trimEnd().split('\n');
    },
    'expressions.c',
  );
}

/** The same of a program of ours. To C an enumeration is the integer below it. */
function evaluatedByUs(end: ProgramEnd): string {
  if (end.kind !== 'returned') return 'divided';
  const { type, integer } = end.value;
  const named = type.replace('enum color', 'unsigned int').replace('enum sign', 'int');
  return `${named} ${integer}`;
}

describe.each(TEST_CPUS.filter(canBuild))('random expressions mean what gcc makes of them, $arch', cpu => {
  const kernel = new UserKernel(cpu);
  const expressions = fc.sample(expressionOver(kernel.getters), { seed: SEED, numRuns: EXPRESSIONS });
  const expected = evaluatedByGcc(cpu, kernel.getters, expressions);

  /** Fails with a table of what differs. */
  function compare(programs: readonly string[], found: readonly string[], wanted: readonly string[]): void {
    const rows = programs.map((program, index) => ({ program, found: found[index], gcc: wanted[index] }));
    expect(rows.filter(row => row.found !== row.gcc)).toEqual([]);
  }

  test('the random expressions cover enough types, values and divisions by zero', () => {
    expect(expected).toHaveLength(EXPRESSIONS);
    expect(expected.filter(each => each === 'divided').length).toBeGreaterThan(10);
    expect(new Set(expected.map(each => each.replace(/ -?\d+$/, ''))).size).toBeGreaterThanOrEqual(11);
    expect(new Set(expected).size).toBeGreaterThan(EXPRESSIONS / 4);
  });

  test('random expressions computed at run time give what gcc computes', () => {
    const programs = expressions.map(toProgram);
    compare(programs, kernel.run(programs).ends.map(evaluatedByUs), expected);
  });

  test('random constant expressions give what gcc computes', () => {
    const programs: string[] = [];
    const wanted: string[] = [];
    const compiled: CompiledModule[] = [];
    for (const [index, expression] of expressions.entries()) {
      const program = toConstantProgram(expression);
      const { value, error } = guarded(() => kernel.compiler.compile(program, 'farcall_test'));
      if (value) {
        programs.push(program);
        wanted.push(expected[index]!);
        compiled.push(value);
      } else {
        // What is always wrong is refused, even where it would not be reached.
        expect(error.message, program).toMatch(/division by zero|a shift by/);
      }
    }
    expect(compiled.length).toBeGreaterThan(EXPRESSIONS / 2);
    compare(programs, kernel.runCompiled(compiled).ends.map(evaluatedByUs), wanted);
  });
});
