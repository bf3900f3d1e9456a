import { createInterface } from 'node:readline/promises';
import { wantsColours } from './output/paint.ts';

/** Where a command reads and writes. */
export interface Terminal {
  /** Whether a person looks at the output: live tables, lines no wider than the window. */
  readonly isInteractive: boolean;
  readonly hasColours: boolean;
  /** Whether there is somebody to ask. */
  readonly canAsk: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Writes a line to stdout. */
  print(line: string): void;
  /** Writes to stdout as it is. */
  write(text: string): void;
  /** Writes a line to stderr. */
  warn(line: string): void;
  /** The answer to a question; empty where it is ended by Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string>;
  /** All of stdin. */
  readAll(): Promise<string>;
  /** Calls `listener` whenever the window has another size; what it gives back ends that. */
  onResize(listener: () => void): () => void;
  /**
   * Calls `listener`, instead of ending the process, on Ctrl-C and where it is told to end; what it gives
   * back ends that.
   */
  onInterrupt(listener: () => void): () => void;
}

/** Ctrl-C and a polite end; both leave the terminal as it was. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal, pipe or file that this process was started on. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    isInteractive: stdout.isTTY === true,
    hasColours: wantsColours(process.env, stdout.isTTY === true),
    canAsk: stdin.isTTY === true && stdout.isTTY === true,
    get columns() {
      return stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return stdout.isTTY ? stdout.rows : Number.POSITIVE_INFINITY;
    },
    print: line => void stdout.write(`${line}\n`),
    write: text => void stdout.write(text),
    warn: line => void stderr.write(`${line}\n`),
    async ask(question) {
      const lines = createInterface({ input: stdin, output: stdout });
      // Ctrl-C and the end of the input are no answer, and no answer is no.
      const ended = new Promise<string>(resolve => lines.once('close', () => resolve('')));
      const answer = await Promise.race([lines.question(question), ended]);
      lines.close();
      return answer;
    },
    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    onResize(listener) {
      stdout.on('resize', listener);
      return () => void stdout.off('resize', listener);
    },
    onInterrupt(listener) {
      for (const signal of ENDING) process.on(signal, listener);
      return () => {
        for (const signal of ENDING) process.off(signal, listener);
      };
    },
  };
}
