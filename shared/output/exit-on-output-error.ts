import { getSystemErrorMessage } from 'node:util';

/** What `process.stdout` has of a stream. */
export interface OutputStream {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** The exit code of a program whose output could not be written. */
const EXIT_OUTPUT = 2;

/**
 * Ends the program when its output cannot be written: with one line on stderr, for a full disk or a terminal
 * that is gone. A reader may close a pipe early (`farcall report ID --format jsonl | head`); that is no
 * error, and the program ends with 0.
 */
export function exitOnOutputError(program: string, stdout: OutputStream = process.stdout): void {
  stdout.on('error', error => {
    if (error.code === 'EPIPE') process.exit();
    const reason =
      error.errno === undefined ? error.message : `${getSystemErrorMessage(error.errno)} (${error.code})`;
    process.stderr.write(
      `${program}: the output cannot be written: ${reason}; what the command did besides is done\n`,
    );
    process.exit(EXIT_OUTPUT);
  });
  // There is nobody left to tell.
  process.stderr.on('error', () => undefined);
}
