import { CommanderError } from 'commander';
import { toFarcallError } from '../../shared/errors/index.ts';
import { asciiJson } from '../../shared/json/index.ts';
import { printable } from '../views/index.ts';
import { EXIT, type ExitCode, exitCodeOf, subcommandsOf } from './core/index.ts';
import { buildProgram } from './program.ts';
import type { CliContext, Terminal } from './session/index.ts';
import { hintsOf } from './session/index.ts';

/** Runs `farcall ARGS`. Resolves to the exit code, and never rejects. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok;
  const asJson = wantsJson(args);
  const program = buildProgram(context, code => {
    exit = code;
  });
  // An error of the command line is printed once, by printError.
  if (asJson)
    for (const each of [program, ...subcommandsOf(program)])
      each.configureOutput({ writeErr: () => undefined });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (thrown) {
    return printError(context.terminal, thrown, asJson);
  }
}

/** Whether the command line asks for JSON; what comes after `--` is no option. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

/** Prints an error and its hints on stderr: for people, or as one line of JSON. */
function printError(terminal: Terminal, thrown: unknown, asJson: boolean): ExitCode {
  // Commander throws after --help too, with exit code 0.
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT.ok;
    // Without --json, Commander has printed it already.
    if (asJson)
      printJson(terminal, {
        code: 'USAGE',
        message: thrown.message.replace(/^error: /, ''),
        hints: [],
        exit: EXIT.usage,
      });
    return EXIT.usage;
  }
  const error = toFarcallError(thrown);
  const exit = exitCodeOf(error.code);
  const hints = hintsOf(error);
  if (asJson) {
    printJson(terminal, { code: error.code, message: error.message, hints, exit });
    return exit;
  }
  // Threat: the controller words its errors. A further line of one does not look like a line of this program.
  const message = printable(error.message, { lines: true }).replaceAll('\n', '\n  ');
  terminal.warn(`farcall: ${message} [${error.code}]`);
  for (const hint of hints) terminal.warn(`  ${printable(hint)}`);
  return exit;
}

/** What `--json` prints on stderr about an error. */
interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly hints: readonly string[];
  readonly exit: ExitCode;
}

function printJson(terminal: Terminal, error: ErrorJson): void {
  terminal.warn(asciiJson({ error }));
}
