/**
 * `text` with every character that a terminal would obey, or not show, as \u{…}. With `lines`, line feeds and
 * tabs stay.
 *
 * Threat: somebody else wrote the text, and an approver signs what they believe they see. Escape sequences
 * could repaint the screen, and bidirectional or zero-width characters could show a program in another order
 * than the compiler reads it ("Trojan Source", CVE-2021-42574). Unicode's classes Cc, Cf, Zl and Zp cover
 * them.
 */
export function printable(text: string, { lines = false } = {}): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, character =>
    lines && (character === '\n' || character === '\t')
      ? character
      : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
