import { expect, test } from 'vitest';
import { visible } from '../../../../controller/console/web/text/visible.ts';

test.each([
  ['plain text stays as it is', 'int x = 1; // ä', 'int x = 1; // ä'],
  ['a character that reverses the direction', 'if (admin\u202e) {', 'if (admin⟨U+202E⟩) {'],
  ['a character of zero width', 'pan\u200bic()', 'pan⟨U+200B⟩ic()'],
  ['an escape character', 'a\u001b[2J', 'a⟨U+001B⟩[2J'],
  ['a no-break space', 'a\u00a0b', 'a⟨U+00A0⟩b'],
  ['a Hangul choseong filler', 'a\u115fb', 'a⟨U+115F⟩b'],
  ['a Hangul jungseong filler', 'a\u1160b', 'a⟨U+1160⟩b'],
  ['a Hangul filler', 'a\u3164b', 'a⟨U+3164⟩b'],
  ['a halfwidth Hangul filler', 'a\uffa0b', 'a⟨U+FFA0⟩b'],
  ['a blank Braille pattern', 'a\u2800b', 'a⟨U+2800⟩b'],
  ['a variation selector', 'a\ufe0fb', 'a⟨U+FE0F⟩b'],
  ['a supplementary variation selector', 'a\u{e0100}b', 'a⟨U+E0100⟩b'],
  ['a combining grapheme joiner', 'a\u034fb', 'a⟨U+034F⟩b'],
  ['an ideographic space', 'a\u3000b', 'a⟨U+3000⟩b'],
  ['a figure space', 'a\u2007b', 'a⟨U+2007⟩b'],
  ['a Mongolian vowel separator', 'a\u180eb', 'a⟨U+180E⟩b'],
  ['a tag letter', 'a\u{e0061}b', 'a⟨U+E0061⟩b'],
  ['an unassigned code point', 'a\u0378b', 'a⟨U+0378⟩b'],
  ['a musical null notehead', 'a\u{1d159}b', 'a⟨U+1D159⟩b'],
  ['a filler that looks like a space', 'x\u3164y', 'x⟨U+3164⟩y'],
])('the page makes invisible characters visible: %s', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});
