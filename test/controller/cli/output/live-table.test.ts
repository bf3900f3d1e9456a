import { describe, expect, it } from 'vitest';
import { createLiveTable } from '../../../../controller/cli/output/live-table.ts';
import { testTerminal } from '../../../kit/terminal-kit.ts';

describe('a live table', () => {
  it('a live table overwrites its last drawing, and hides the cursor meanwhile', () => {
    const terminal = testTerminal();
    const table = createLiveTable(terminal);
    table.draw(['one']);
    table.draw(['one', 'two']);
    table.draw(['three']);
    table.clear();
    table.clear();
    expect(terminal.stdout).toEqual([
      '\u001b[?25lone\n',
      '\u001b[1F\u001b[Jone\ntwo\n',
      '\u001b[2F\u001b[Jthree\n',
      '\u001b[1F\u001b[J\u001b[?25h',
    ]);
  });

  it('a live table also erases lines that a narrower window has wrapped', () => {
    let columns = 10;
    const drawn: string[] = [];
    const terminal = testTerminal({ write: text => void drawn.push(text) });
    Object.defineProperty(terminal, 'columns', { get: () => columns });
    const table = createLiveTable(terminal);
    table.draw(['\u001b[32m123456789\u001b[39m', '手手手手', '']);
    columns = 4;
    table.draw(['x']);
    expect(drawn.at(-1)).toBe('\u001b[6F\u001b[Jx\n');
  });
});
