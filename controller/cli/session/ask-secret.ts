import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/** The terminal of this process, whatever its stdin and stdout are: tty(4). */
const TERMINAL = '/dev/tty';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACES = ['\u007f', '\b'];
const LIMIT_CHARS = 255;

/** Whether this process has a terminal. */
export function canAskSecret(): boolean {
  try {
    closeSync(openSync(TERMINAL, 'r+'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks `question` on the terminal, and resolves to the line that is typed, which the terminal does not show.
 * Undefined after Ctrl-C, Ctrl-D and when the terminal is closed.
 *
 * Threat: somebody reads the secret over a shoulder, or later in the terminal's memory. So the terminal is in
 * raw mode while the secret is typed, and nothing is written for it, not even stars.
 */
export async function askSecret(question: string): Promise<string | undefined> {
  const fd = openSync(TERMINAL, 'r+');
  const input = new ReadStream(fd);
  input.setRawMode(true);
  writeSync(fd, question);
  input.setEncoding('utf8');
  const line = secretLine();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const take = (typed: string): void => {
    for (const character of typed) {
      const end = line.take(character);
      if (end) return resolve(end.secret);
    }
  };
  const ended = (): void => resolve(undefined);
  input.on('data', take).once('end', ended).once('error', ended);
  try {
    return await promise;
  } finally {
    input.setRawMode(false);
    writeSync(fd, '\n');
    input.destroy();
  }
}

/** The keys of a line that is not shown. */
function secretLine(): { take(character: string): { readonly secret: string | undefined } | undefined } {
  let typed: string[] = [];
  return {
    take(character) {
      if (character === '\r' || character === '\n') return { secret: typed.join('') };
      if (character === CTRL_C || character === CTRL_D) return { secret: undefined };
      if (character === CTRL_U) typed = [];
      else if (BACKSPACES.includes(character)) typed.pop();
      else if (character >= ' ' && typed.length < LIMIT_CHARS) typed.push(character);
      return undefined;
    },
  };
}
