import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askOn } from '../../../../controller/cli/session/index.ts';

/** Asks a question on a terminal, on which somebody types `keys`. */
async function asked(keys: string): Promise<{ readonly answer: string; readonly shown: string }> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const answer = askOn({ input, output }, 'Approve? [y/N] ');
  input.write(keys);
  return { answer: await answer, shown: String(output.read()) };
}

it('an answer is what was typed, and nothing is said about it', async () => {
  const { answer, shown } = await asked('yes\r');
  expect(answer).toBe('yes');
  expect(shown).not.toContain('that means no');
});

it.each([
  ['Ctrl-C', 'y\u0003', '^C: that means no; nothing was signed and nothing was sent.'],
  ['Ctrl-D', '\u0004', 'No answer: that means no; nothing was signed and nothing was sent.'],
])('%s at a question is no, and says so', async (_key, keys, words) => {
  const { answer, shown } = await asked(keys);
  expect(answer).toBe('');
  expect(shown).toContain(words);
});
