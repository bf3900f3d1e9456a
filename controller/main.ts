import { CommanderError } from 'commander';
import { isLasting, toFarcallError } from '../shared/errors/index.ts';
import { exitOnOutputError } from '../shared/output/index.ts';
import { controllerProgram } from './program.ts';
import { printable } from './views/index.ts';

const EXIT_FAILED = 1;
/** A person must change something first: starting again would not help. */
const EXIT_CONFIG = 2;

function fail(thrown: unknown): void {
  if (thrown instanceof CommanderError) {
    const code = thrown.exitCode === 0 ? 0 : EXIT_CONFIG;
    // The exit waits for stdout, so that a full disk is noticed.
    process.stdout.write('', () => setImmediate(() => process.exit(code)));
    return;
  }
  const error = toFarcallError(thrown);
  // Threat: a service that is started again and again with a wrong PIN locks its token. systemd starts
  // nothing again that has ended with 2: see isLasting.
  // Threat: an error may quote what a broker, a database or a file says, and a terminal must not obey that.
  console.error(`farcall-controller: ${printable(error.message, { lines: true })} [${error.code}]`);
  if (error.cause instanceof Error)
    console.error(`  because: ${printable(error.cause.message, { lines: true })}`);
  // Not exitCode: something that is still open would keep the process alive.
  process.exit(isLasting(error) ? EXIT_CONFIG : EXIT_FAILED);
}

exitOnOutputError('farcall-controller');
controllerProgram().parseAsync().catch(fail);
