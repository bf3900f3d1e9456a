import type { Terminal } from '../session/index.ts';
import { widthOf } from './truncate.ts';

/** Lines of a terminal that each drawing overwrites. */
export interface LiveTable {
  draw(lines: readonly string[]): void;
  /** Erases the lines, and shows the cursor again. */
  clear(): void;
}

const ESCAPE = '\u001b[';
/** ECMA-48 ED: erases from the cursor to the end of the screen. */
const ERASE_BELOW = `${ESCAPE}J`;
/** DECTCEM of the VT220: hides the cursor, which would jump about, and shows it again. */
const CURSOR = { hide: `${ESCAPE}?25l`, show: `${ESCAPE}?25h` };

/** A live table at the cursor of an interactive terminal. No line may be wider than the window. */
export function createLiveTable(terminal: Terminal): LiveTable {
  let drawn: readonly string[] = [];
  // If the window became narrower, the terminal has wrapped the lines, and they take more rows.
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
  return Math.max(1, Math.ceil(widthOf(line) / columns));
}
