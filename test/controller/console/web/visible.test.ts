import { expect, test } from 'vitest';
import { visible } from '../../../../controller/console/web/text/visible.ts';

test.each([
  ['plain text stays as it is', 'int x = 1; // ä', 'int x = 1; // ä'],
  ['a character that reverses the direction', 'if (admin\u202e) {', 'if (admin⟨U+202E⟩) {'],
  ['a character of zero width', 'pan\u200bic()', 'pan⟨U+200B⟩ic()'],
  ['an escape character', 'a\u001b[2J', 'a⟨U+001B⟩[2J'],
  ['a filler that looks like a space', 'x\u3164y', 'x⟨U+3164⟩y'],
])('the page makes invisible characters visible: %s', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});
