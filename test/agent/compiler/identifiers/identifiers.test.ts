import { describe, expect, test } from 'vitest';
import { compileWithLibrary } from './compile-with-library.ts';
import { IDENTIFIERS } from './identifiers.ts';
import { recordedKernels } from './recorded-kernels.ts';

const KERNELS = recordedKernels();

/** Identifiers that a program may use on some kernel at least. */
const WORKING_LEAST = 260;

/** What Debian's 6.1 for arm64 says to each program that names a variable. */
const NO_VARIABLES = /tells no variables/;

const FAILED = KERNELS.map(([kernel, compiler]) => {
  const errors = IDENTIFIERS.map(
    ({ name, program }) => [name, compileWithLibrary(compiler, program)] as const,
  );
  return [kernel, new Map(errors)] as const;
});

describe('what people who know kernels type', () => {
  test('there are recordings of seven kernels, and no identifier twice', () => {
    expect(KERNELS.length).toBe(7);
    expect(new Set(IDENTIFIERS.map(({ name }) => name)).size).toBe(272);
    for (const { name, program } of IDENTIFIERS) expect(program).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test.each(FAILED)(
    'on %s each identifier works, or the message says what there is instead',
    (_kernel, failed) => {
      const neither = IDENTIFIERS.flatMap(({ name, refused, lacking }) => {
        const message = failed.get(name)?.message;
        if (message === undefined) return refused ? [`${name} is not refused`] : [];
        const isKnown = [refused, lacking, NO_VARIABLES].some(each => each?.test(message));
        return isKnown && message.split('\n').length <= 4 ? [] : [`${name}: ${message}`];
      });
      expect(neither).toEqual([]);
    },
  );

  test.each(FAILED)('%s has nearly all of them', (kernel, failed) => {
    const works = IDENTIFIERS.filter(({ name }) => !failed.get(name));
    const lacks = IDENTIFIERS.filter(({ name, lacking }) => lacking && failed.get(name));
    const untold = [...failed].filter(([, error]) => NO_VARIABLES.test(error?.message ?? ''));
    expect(works.length + lacks.length + untold.length, kernel).toBeGreaterThanOrEqual(WORKING_LEAST);
  });

  test('all but a few work on some kernel, and those few are refused everywhere', () => {
    const working = IDENTIFIERS.filter(({ name }) => FAILED.some(([, failed]) => !failed.get(name)));
    expect(working.length).toBeGreaterThanOrEqual(WORKING_LEAST);
  });
});
