import type { Terminal } from '../../controller/cli/terminal.ts';

/** A terminal that remembers what was written. */
export interface TestTerminal extends Terminal {
  readonly stdout: string[];
  readonly stderr: string[];
}

/** A terminal for tests: not interactive and nobody to ask, unless `overrides` say otherwise. */
export function testTerminal(overrides: Partial<Terminal> = {}): TestTerminal {
  const stdout: string[] = [];
  const stderr: string[] = [];
  return {
    stdout,
    stderr,
    isInteractive: false,
    canAsk: false,
    columns: Number.POSITIVE_INFINITY,
    rows: Number.POSITIVE_INFINITY,
    print: line => void stdout.push(line),
    write: text => void stdout.push(text),
    warn: line => void stderr.push(line),
    ask: async () => '',
    readAll: async () => '',
    ...overrides,
  };
}
