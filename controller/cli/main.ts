import { CommanderError } from 'commander';
import { systemClock } from '../../shared/clock/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { printable } from './output/printable.ts';
import { buildProgram } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Says what went wrong, once, on stderr; returns the exit code for it. */
function explain(terminal: Terminal, thrown: unknown): number {
  // Commander has said it already; help and version are no errors.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const error = toFarcallError(thrown);
  terminal.warn(`farcall: ${printable(error.message, { lines: true })} [${error.code}]`);
  return exitCodeOf(error.code);
}

const terminal = processTerminal();
const program = buildProgram({ terminal, clock: systemClock, env: process.env }, code => {
  process.exitCode = code;
});
try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = explain(terminal, thrown);
}
