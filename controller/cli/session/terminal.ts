import { askOn } from './ask.ts';
import { askSecret, canAskSecret } from './ask-secret.ts';

/** The input and output of a command. */
export interface Terminal {
  /** Whether stdout is a terminal. Then tables are live, and lines fit its window. */
  readonly isInteractive: boolean;
  readonly hasColours: boolean;
  /** Whether a person can answer a question. */
  readonly canAsk: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Writes a line to stdout. */
  print(line: string): void;
  /** Writes to stdout, without a line end of its own. */
  write(text: string): void;
  /** Resolves once the file, pipe or terminal has taken everything that was written to stdout. */
  flush(): Promise<void>;
  /** Writes a line to stderr. */
  warn(line: string): void;
  /** The answer to a question. Empty after Ctrl-C or Ctrl-D, which it says. */
  ask(question: string): Promise<string>;
  /** Whether a person can answer {@link askSecret}. Stdin and stdout may be pipes. */
  readonly canAskSecret: boolean;
  /** The answer to a question, which the terminal does not show. Undefined after Ctrl-C and Ctrl-D. */
  askSecret(question: string): Promise<string | undefined>;
  /** Reads stdin to its end. */
  readAll(): Promise<string>;
  /** Calls `listener` after each change of the window's size. Returns the function that unsubscribes. */
  onResize(listener: () => void): () => void;
  /**
   * Calls `listener` on Ctrl-C and on SIGTERM and SIGHUP, instead of ending the process. Returns the function
   * that unsubscribes.
   */
  onInterrupt(listener: () => void): () => void;
}

/** The signals after which a command may still restore the terminal. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What is taken for the window of a terminal that says 0: serial lines, and programs that forget to say it.
 */
const UNKNOWN_WINDOW = { columns: 80, rows: 24 } as const;

/** The terminal, pipe or file that this process was started on. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    isInteractive: stdout.isTTY === true,
    hasColours: wantsColours(process.env, stdout.isTTY === true),
    canAsk: stdin.isTTY === true && stdout.isTTY === true,
    get columns() {
      return stdout.isTTY ? stdout.columns || UNKNOWN_WINDOW.columns : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return stdout.isTTY ? stdout.rows || UNKNOWN_WINDOW.rows : Number.POSITIVE_INFINITY;
    },
    print: line => void stdout.write(`${line}\n`),
    write: text => void stdout.write(text),
    flush: () =>
      new Promise((resolve, reject) => {
        stdout.write('', error => (error ? reject(error) : resolve()));
      }),
    warn: line => void stderr.write(`${line}\n`),
    ask: question => askOn({ input: stdin, output: stdout }, question),
    get canAskSecret() {
      return canAskSecret();
    },
    askSecret,
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

/**
 * Whether stdout gets colours: on a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal
 * is dumb. As in Node, FORCE_COLOR overrides both: 0 and false mean no, everything else means yes.
 */
function wantsColours(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal && !none && term !== 'dumb';
}
