import { expect, test } from 'vitest';
import { visible } from '../../../../controller/console/web/text/visible.ts';

test.each([
  ['plain', 'int x = 1; // ä', 'int x = 1; // ä'],
  ['a direction turned round', 'if (admin\u202e) {', 'if (admin⟨U+202E⟩) {'],
  ['a character without width', 'pan\u200bic()', 'pan⟨U+200B⟩ic()'],
  ['an escape', 'a\u001b[2J', 'a⟨U+001B⟩[2J'],
  ['a filler that looks like space', 'x\u3164y', 'x⟨U+3164⟩y'],
])('%s', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});
