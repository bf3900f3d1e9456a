import { describe, expect, it } from 'vitest';
import { createLiveTable } from '../../../controller/cli/output/live-table.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';

describe('a live table', () => {
  it('is drawn over what it drew before', () => {
    const terminal = testTerminal();
    const table = createLiveTable(terminal);
    table.draw(['one']);
    table.draw(['one', 'two']);
    table.draw(['three']);
    table.clear();
    expect(terminal.stdout).toEqual([
      'one\n',
      '\u001b[1F\u001b[Jone\ntwo\n',
      '\u001b[2F\u001b[Jthree\n',
      '\u001b[1F\u001b[J',
    ]);
  });
});
