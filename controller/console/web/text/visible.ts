import { showInvisible } from '../../../../shared/invisible/index.ts';

/**
 * `text` with invisible characters as their code points: `⟨U+202E⟩`; see `showInvisible`.
 *
 * Threat: a program that looks like another one, by characters that change the direction of text or are
 * invisible.
 */
export function visible(text: string): string {
  return showInvisible(text, character =>
    character === '\t'
      ? '    '
      : `⟨U+${character.codePointAt(0)!.toString(16).padStart(4, '0').toUpperCase()}⟩`,
  );
}
