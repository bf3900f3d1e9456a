import { showInvisible } from '../../shared/invisible/index.ts';

/**
 * `text` with every character that a terminal would obey, or not show, as \u{…}; see `showInvisible`. With
 * `lines`, line feeds and tabs stay.
 *
 * Threat: somebody else wrote the text, and an approver signs what they believe they see. Escape sequences
 * could repaint the screen, and characters that are invisible or change the direction of text could show a
 * program otherwise than the compiler reads it.
 */
export function printable(text: string, { lines = false } = {}): string {
  return showInvisible(text, character =>
    lines && (character === '\n' || character === '\t')
      ? character
      : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
