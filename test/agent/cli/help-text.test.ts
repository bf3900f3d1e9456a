import { expect, test } from 'vitest';
import { helpText } from '../../../agent/cli/help-text.ts';
import { AGENT_HELP } from '../../../deploy/reference/command-line.ts';

test('the help of every command of the agent fits a terminal of 80 columns, and loses no word', () => {
  for (const help of AGENT_HELP) {
    const text = helpText(help);
    expect(text.split('\n').filter(line => line.length > 80)).toEqual([]);
    expect(text.split(/\s+/)).toEqual(help.split(/\s+/));
  }
});

test('what does not fit goes below the second column of a line, and paragraphs are filled', () => {
  const option = `  --json          ${'print JSON for programs that read what a person would '.repeat(2)}`;
  const [first, second] = helpText(option.trimEnd()).split('\n');
  expect(first).toMatch(/^ {2}--json {10}print JSON/);
  expect(second).toMatch(/^ {18}\S/);
  expect(helpText('one line\nand the next\n\n  an example\n')).toBe(
    'one line and the next\n\n  an example\n',
  );
});
