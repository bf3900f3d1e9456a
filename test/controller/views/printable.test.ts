import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../controller/views/index.ts';

describe('what others wrote', () => {
  const rows = [
    ['an escape sequence', '\u001b[2Jgone', '\\u{1b}[2Jgone'],
    ['a C1 control', '\u009b2J', '\\u{9b}2J'],
    ['right-to-left override', 'a\u202eb', 'a\\u{202e}b'],
    ['an isolate', 'a\u2066b', 'a\\u{2066}b'],
    ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['a carriage return', 'real\rfake', 'real\\u{d}fake'],
    ['a line feed', 'a\nb', 'a ↵ b'],
    ['a no-break space', 'a\u00a0b', 'a\\u{a0}b'],
    ['a Hangul choseong filler', 'a\u115fb', 'a\\u{115f}b'],
    ['a Hangul jungseong filler', 'a\u1160b', 'a\\u{1160}b'],
    ['a Hangul filler', 'a\u3164b', 'a\\u{3164}b'],
    ['a halfwidth Hangul filler', 'a\uffa0b', 'a\\u{ffa0}b'],
    ['a blank Braille pattern', 'a\u2800b', 'a\\u{2800}b'],
    ['a variation selector', 'a\ufe0fb', 'a\\u{fe0f}b'],
    ['a supplementary variation selector', 'a\u{e0100}b', 'a\\u{e0100}b'],
    ['a combining grapheme joiner', 'a\u034fb', 'a\\u{34f}b'],
    ['an ideographic space', 'a\u3000b', 'a\\u{3000}b'],
    ['a figure space', 'a\u2007b', 'a\\u{2007}b'],
    ['a Mongolian vowel separator', 'a\u180eb', 'a\\u{180e}b'],
    ['a tag letter', 'a\u{e0061}b', 'a\\u{e0061}b'],
    ['an unassigned code point', 'a\u0378b', 'a\\u{378}b'],
    ['a musical null notehead', 'a\u{1d159}b', 'a\\u{1d159}b'],
    ['plain text in many scripts', 'größer 手 ✓', 'größer 手 ✓'],
  ] as const;
  it.each(rows)('text from others is shown without effect on the terminal: %s', (_name, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('programs keep their line feeds and tabs', () => {
    expect(printable('if (x)\n\ty();\r', { lines: true })).toBe('if (x)\n\ty();\\u{d}');
  });

  it('no text of others can control a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(printable(text)).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/u,
        );
      }),
    );
  });
});
