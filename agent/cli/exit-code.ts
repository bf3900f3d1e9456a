import { FarcallError, isLasting } from '../../shared/errors/index.ts';
import { showInvisible } from '../../shared/invisible/index.ts';

/**
 * The exit code where a person must change something first. Its systemd unit does not start the agent again
 * after it (RestartPreventExitStatus).
 */
export const EXIT_LASTING = 2;
const EXIT_FAILED = 1;

/**
 * Prints on stderr what went wrong in one line, and its cause, if there is one, in another; the exit code of
 * the process. Throws `thrown` again where it is no error.
 */
export function exitCodeAfter(thrown: unknown): number {
  if (!(thrown instanceof Error)) throw thrown;
  const code = thrown instanceof FarcallError ? thrown.code : undefined;
  process.stderr.write(`farcall-agent: ${shown(thrown.message)}${code === undefined ? '' : ` [${code}]`}\n`);
  if (thrown.cause instanceof Error) process.stderr.write(`  because: ${shown(thrown.cause.message)}\n`);
  return thrown instanceof FarcallError && isLasting(thrown) ? EXIT_LASTING : EXIT_FAILED;
}

/**
 * Threat: an error may quote what a controller, a broker or a file says, and a terminal must not obey that.
 */
function shown(message: string): string {
  return showInvisible(message, character => {
    if (character === '\n') return '\n  ';
    return character === '\t' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}
