import { CommanderError } from 'commander';
import { toFarcallError } from '../../shared/errors/index.ts';
import { printable } from '../views/index.ts';
import type { CliContext } from './context.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { hintsOf } from './hints.ts';
import { buildProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

/** Runs `farcall ARGS`; resolves to the exit code, whatever happens. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok;
  const program = buildProgram(context, code => {
    exit = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (thrown) {
    return explain(context.terminal, thrown);
  }
}

/** Says what went wrong, once, on stderr. */
function explain(terminal: Terminal, thrown: unknown): ExitCode {
  // Commander has said it already; help is no error.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const error = toFarcallError(thrown);
  terminal.warn(`farcall: ${printable(error.message, { lines: true })} [${error.code}]`);
  for (const hint of hintsOf(error)) terminal.warn(`  ${printable(hint)}`);
  return exitCodeOf(error.code);
}
