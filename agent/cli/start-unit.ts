import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';

const run = promisify(execFile);
const UNIT = 'farcall-agent.service';

/** Whether this process may start the unit of the agent, and there is one. */
export async function hasUnit(): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/run/systemd/system')) return false;
  return run('systemctl', ['cat', UNIT]).then(
    () => true,
    () => false,
  );
}

/** Enables and starts the unit; one that runs starts again, as the host may be new. Throws UNREACHABLE. */
export async function startUnit(): Promise<void> {
  try {
    await run('systemctl', ['enable', UNIT]);
    await run('systemctl', ['restart', UNIT]);
  } catch (cause) {
    const { message } = toFarcallError(cause);
    throw new FarcallError(
      'UNREACHABLE',
      `enrol: the unit does not start: ${message}; journalctl -u farcall-agent`,
      {
        cause,
      },
    );
  }
}
