import { CommanderError } from 'commander';
import { toFarcallError } from '../../shared/errors/index.ts';
import { printable } from '../views/index.ts';
import type { CliContext, Terminal } from './core/index.ts';
import { EXIT, type ExitCode, exitCodeOf, hintsOf } from './core/index.ts';
import { buildProgram } from './program.ts';

/** Runs `farcall ARGS`. Resolves to the exit code, and never rejects. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok;
  const program = buildProgram(context, code => {
    exit = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (thrown) {
    return printError(context.terminal, thrown);
  }
}

/** Prints an error and its hints on stderr. */
function printError(terminal: Terminal, thrown: unknown): ExitCode {
  // Commander has printed its own errors already. It throws after --help too, with exit code 0.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const error = toFarcallError(thrown);
  terminal.warn(`farcall: ${printable(error.message, { lines: true })} [${error.code}]`);
  for (const hint of hintsOf(error)) terminal.warn(`  ${printable(hint)}`);
  return exitCodeOf(error.code);
}
