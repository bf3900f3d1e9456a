import { expect, test } from 'vitest';
import { compiledWithLibrary, compileWithLibrary } from './compile-with-library.ts';
import { recordedKernels } from './recorded-kernels.ts';
import { WARNED_PROGRAMS, WRONG_PROGRAMS } from './wrong-programs.ts';

const [, compiler] = recordedKernels().find(([name]) => name === '6.12-amd64')!;

test.each(WRONG_PROGRAMS)(
  'the wrong program %s is refused at %s with the words that help',
  (program, place, message) => {
    const error = compileWithLibrary(compiler, program);
    const { line, column } = error!.location!;
    expect(`${line}:${column} ${error!.message.split('\n')[0]!.replace(/^.*?: /, '')}`).toBe(
      `${place} ${message}`,
    );
    expect(error!.message.split('\n').length).toBeLessThanOrEqual(4);
  },
);

test.each(WARNED_PROGRAMS)('the doubtful program %s is warned of at %s', (program, place, message) => {
  const { warnings } = compiledWithLibrary(compiler, program);
  expect(warnings.map(each => `${each.line}:${each.column} ${each.message}`)).toEqual([
    `${place} ${message}`,
  ]);
});
