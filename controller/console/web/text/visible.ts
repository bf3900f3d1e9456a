/**
 * `text` with invisible characters as their code points: `⟨U+202E⟩`.
 *
 * Threat: a program that looks like another one, by characters that change the direction of text or are
 * invisible.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u3164\uffa0\u115f\u1160]/gu, character =>
    character === '\t'
      ? '    '
      : `⟨U+${character.codePointAt(0)!.toString(16).padStart(4, '0').toUpperCase()}⟩`,
  );
}
