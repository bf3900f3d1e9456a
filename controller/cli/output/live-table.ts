import type { Terminal } from '../terminal.ts';
import { widthOf } from './text-width.ts';

/** Lines that are drawn again and again in one place. */
export interface LiveTable {
  draw(lines: readonly string[]): void;
  /** Takes the lines away, and shows the cursor again. */
  clear(): void;
}

const ESCAPE = '\u001b[';
/** ECMA-48 ED: erases from the cursor to the end of the screen. */
const ERASE_BELOW = `${ESCAPE}J`;
/** DECTCEM of the VT220: the cursor, which would jump about. */
const CURSOR = { hide: `${ESCAPE}?25l`, show: `${ESCAPE}?25h` };
/** ECMA-48 SGR, which takes no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
const COLOUR = /\u001b\[[\d;]*m/g;

/** A live table at the cursor of an interactive terminal; its lines must not be wider than the window. */
export function createLiveTable(terminal: Terminal): LiveTable {
  let drawn: readonly string[] = [];
  // A window that became narrower has broken the lines: they take more rows than were drawn.
  const home = (): string => {
    const rows = drawn.reduce((sum, line) => sum + rowsOf(line, terminal.columns), 0);
    return rows > 0 ? `${ESCAPE}${rows}F${ERASE_BELOW}` : '';
  };
  return {
    draw(lines) {
      const hide = drawn.length === 0 ? CURSOR.hide : '';
      terminal.write(`${hide}${home()}${lines.map(line => `${line}\n`).join('')}`);
      drawn = lines;
    },
    clear() {
      if (drawn.length > 0) terminal.write(`${home()}${CURSOR.show}`);
      drawn = [];
    },
  };
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(widthOf(line.replace(COLOUR, '')) / columns));
}
