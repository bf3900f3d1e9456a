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
    ['a line feed', 'a\nb', 'a\\u{a}b'],
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
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});
