import { createInterface } from 'node:readline/promises';

/** Where a command reads and writes. */
export interface Terminal {
  /** Whether a person looks at the output: colours, live tables, lines no wider than the window. */
  readonly isInteractive: boolean;
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
  /** The answer to a question. */
  ask(question: string): Promise<string>;
  /** All of stdin. */
  readAll(): Promise<string>;
}

/** The terminal, pipe or file that this process was started on. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    isInteractive: stdout.isTTY === true,
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
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}
