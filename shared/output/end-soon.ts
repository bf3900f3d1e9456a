/** How long connections may take to close, in milliseconds. What was printed is out already. */
const CLOSING_MS = 200;

/**
 * Ends the process with this exit code: by itself when nothing is open any more, or soon. A connection to a
 * program that is frozen never closes, and would keep the process for as long.
 */
export function endSoon(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(), CLOSING_MS).unref();
}
