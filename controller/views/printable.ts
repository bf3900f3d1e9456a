import { showInvisible } from '../../shared/invisible/index.ts';

/**
 * `text` with every character that a terminal would obey, or not show, as \u{…}; see `showInvisible`. Line
 * feeds and tabs are shown as ↵ and ⇥; with `lines`, they stay.
 *
 * Threat: somebody else wrote the text, and an approver signs what they believe they see. Escape sequences
 * could repaint the screen, and characters that are invisible or change the direction of text could show a
 * program otherwise than the compiler reads it.
 */
export function printable(text: string, { lines = false } = {}): string {
  return showInvisible(text, character => {
    if (lines && (character === '\n' || character === '\t')) return character;
    return IN_A_LINE[character] ?? escaped(character);
  });
}

/** `text` with every such character as \u{…}, line feeds and tabs too: for files that programs read. */
export function escapeInvisible(text: string): string {
  return showInvisible(text, escaped);
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** Where a text of several lines is shown in one: the signs that people know from their keys. */
const IN_A_LINE: Readonly<Record<string, string>> = { '\n': ' ↵ ', '\t': ' ⇥ ' };
