import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onOneLine, readExplanations } from '../mutants/explanations.ts';
import { ROOMS } from '../mutants/rooms.ts';
import { names, readClaims, readTies } from '../mutants/ties.ts';
import { ROOT } from './imports.ts';

const sourceOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

test('each explained mutant is one of a line that there is, in a room that is mutated', () => {
  const wrong = readExplanations().filter(({ file, line, mutants }) => {
    if (!Object.keys(ROOMS).some(room => file.startsWith(`${room}/`))) return true;
    const source = sourceOf(file);
    const lines = source.split('\n').map(onOneLine);
    return (
      !lines.includes(onOneLine(line)) ||
      mutants.some(([original]) => !onOneLine(source).includes(onOneLine(original)))
    );
  });
  expect(wrong).toEqual([]);
});

test('each check that is tied to THREATS.md occurs once in its file, and its test is named there', () => {
  const claims = readClaims();
  const wrong = readTies().ties.filter(
    ({ test: each, file, check }) =>
      sourceOf(file).split(check).length !== 2 || !claims.some(claim => names(claim, [each])),
  );
  expect(wrong).toEqual([]);
});

test('each reason not to tie a claim names a test of THREATS.md', () => {
  const claims = readClaims();
  const wrong = readTies()
    .untied.flatMap(({ tests }) => tests)
    .filter(each => !claims.some(claim => names(claim, [each])));
  expect(wrong).toEqual([]);
});
