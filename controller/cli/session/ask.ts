import { createInterface } from 'node:readline/promises';

/** Where a question is asked, and answered. */
export interface Dialogue {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** What is printed when somebody answers a question with a key that ends it. */
const MEANS_NO = {
  SIGINT: '^C: that means no; nothing was signed and nothing was sent.',
  close: 'No answer: that means no; nothing was signed and nothing was sent.',
} as const;

/** The answer to a question. Empty after Ctrl-C and at the end of the input, and it says what that means. */
export async function askOn({ input, output }: Dialogue, question: string): Promise<string> {
  const lines = createInterface({ input, output });
  let isOver = false;
  const ended = new Promise<string>(resolve => {
    for (const event of ['SIGINT', 'close'] as const)
      lines.once(event, () => {
        if (!isOver) output.write(`\n${MEANS_NO[event]}\n`);
        isOver = true;
        resolve('');
      });
  });
  const answer = await Promise.race([lines.question(question), ended]);
  isOver = true;
  lines.close();
  return answer;
}
