import type { Terminal } from '../../controller/cli/session/index.ts';

/** A terminal that remembers what was written. */
export interface TestTerminal extends Terminal {
  readonly stdout: string[];
  readonly stderr: string[];
  /** All of stdout as a pipe would have it. */
  text(): string;
}

/** A terminal for tests: not interactive and nobody to ask, unless `overrides` say otherwise. */
export function testTerminal(overrides: Partial<Terminal> = {}): TestTerminal {
  const stdout: string[] = [];
  const stderr: string[] = [];
  let text = '';
  return {
    stdout,
    stderr,
    text: () => text,
    isInteractive: false,
    hasColours: false,
    canAsk: false,
    columns: Number.POSITIVE_INFINITY,
    rows: Number.POSITIVE_INFINITY,
    print(line) {
      stdout.push(line);
      text += `${line}\n`;
    },
    write(piece) {
      stdout.push(piece);
      text += piece;
    },
    flush: async () => undefined,
    warn: line => void stderr.push(line),
    ask: async () => '',
    canAskSecret: false,
    askSecret: async () => undefined,
    readAll: async () => '',
    onResize: () => () => {},
    onInterrupt: () => () => {},
    ...overrides,
  };
}
