/**
 * Characters that take two cells of a terminal: Wide and Fullwidth of Unicode's East Asian Width (UAX #11), as blocks, and
 * what is shown as a picture by default (UTS #51).
 */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** Marks that stand over the character before them and take no cell of their own. */
const NO_CELL = /^[\p{Mn}\p{Me}]/u;

/** How many cells of a terminal `text` takes. It must have no control characters: see printable. */
export function widthOf(text: string): number {
  // Nearly all that is shown is ASCII.
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

function cellsOf(character: string): number {
  if (NO_CELL.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** As much of the beginning of `text` as takes at most `room` cells. */
export function beginningOf(text: string, room: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += cellsOf(character);
    if (width > room) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** `text` in at most `room` cells, with an ellipsis where something is missing. */
export function cut(text: string, room: number): string {
  if (room <= 0) return '';
  return widthOf(text) <= room ? text : `${beginningOf(text, room - 1)}…`;
}

/** `text` with blanks behind it, so that it takes `width` cells. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}
