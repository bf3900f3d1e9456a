import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answers, parityPage } from './parity/page.ts';

const PAGE = new URL('../../../docs/drgn.md', import.meta.url);
const found = answers();

test('docs/drgn.md is what compiles', () => {
  expect(readFileSync(PAGE, 'utf8'), 'node test/shared/library/parity/write-page.ts').toBe(parityPage(found));
});

test('more than 400 questions have a line, and of the others only two have one', () => {
  expect(found.flatMap(({ answered }) => answered).length).toBeGreaterThan(400);
  const broken = found.flatMap(({ family, answered }) =>
    family.questions.filter(question => question.line && !answered.includes(question)),
  );
  // Flags that this kernel has no more: older ones have them.
  expect(broken.map(({ name }) => name)).toEqual(['PageError', 'PageUncached']);
});

test('no family asks a question twice, and none is there twice', () => {
  const names = found.map(({ family }) => family.name);
  expect(new Set(names).size).toBe(names.length);
  for (const { family } of found) {
    const asked = family.questions.map(({ name }) => name);
    expect(new Set(asked).size, family.name).toBe(asked.length);
  }
});
