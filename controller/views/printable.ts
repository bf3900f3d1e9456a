/**
 * `text` with every character that a terminal would act upon, or not show, made visible as \u{…}; line feeds
 * and tabs stay where `lines` is set.
 *
 * Threat: what is shown here was written by somebody else, and an approver signs what they believe to see.
 * Escape sequences could repaint the screen, and bidirectional or zero-width characters could show a program
 * in another order than the compiler reads it ("Trojan Source", CVE-2021-42574). Unicode's classes Cc, Cf,
 * Zl, Zp cover them.
 */
export function printable(text: string, { lines = false } = {}): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, character =>
    lines && (character === '\n' || character === '\t')
      ? character
      : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
