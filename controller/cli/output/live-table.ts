import type { Terminal } from '../terminal.ts';

/** Lines that are drawn again and again in one place. */
export interface LiveTable {
  draw(lines: readonly string[]): void;
  clear(): void;
}

const ESCAPE = '\u001b[';
/** ECMA-48 ED: erases from the cursor to the end of the screen. */
const ERASE_BELOW = `${ESCAPE}J`;

/** A live table at the cursor of an interactive terminal; its lines must not be wider than the window. */
export function createLiveTable(terminal: Terminal): LiveTable {
  let drawn = 0;
  const home = (): string => (drawn > 0 ? `${ESCAPE}${drawn}F${ERASE_BELOW}` : '');
  return {
    draw(lines) {
      terminal.write(`${home()}${lines.map(line => `${line}\n`).join('')}`);
      drawn = lines.length;
    },
    clear() {
      terminal.write(home());
      drawn = 0;
    },
  };
}
