import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { SignedBundle } from '../../shared/messages/index.ts';
import { operatorClient } from '../cli/session/index.ts';
import { readConfig } from '../config/index.ts';
import { SITE_FILES } from '../site/index.ts';

const run = promisify(execFile);

/** The units that a package brings. */
export const UNITS = ['farcall-broker.service', 'farcall-controller.service'] as const;
const ACCOUNT = 'farcall';
/** How long a controller may take until it answers. */
const START_LIMIT_MS = 60_000;
const POLL_MS = 500;
const CALL_LIMIT_MS = 5000;

/** Whether this process may start units here, and the units are installed for this folder. */
export async function canStart(folder: string, standard: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || folder !== standard || !existsSync('/run/systemd/system')) return false;
  try {
    await run('systemctl', ['cat', ...UNITS]);
    return true;
  } catch {
    return false;
  }
}

/** Gives the folder to the account of the units, and what is offline to root alone. Root only. */
export async function giveToAccount(folder: string): Promise<void> {
  try {
    await run('chown', ['-R', `${ACCOUNT}:${ACCOUNT}`, folder]);
    await run('chown', ['-R', 'root:root', join(folder, 'offline')]);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `setup: ${folder} cannot be given to the user ${ACCOUNT}`, {
      cause,
    });
  }
}

/** Enables and starts broker and controller. Throws UNREACHABLE with the words of systemd. */
export async function startUnits(): Promise<void> {
  try {
    await run('systemctl', ['enable', '--now', ...UNITS]);
  } catch (cause) {
    const words = toFarcallError(cause).message;
    throw new FarcallError(
      'UNREACHABLE',
      `setup: the units do not start: ${words}; journalctl -u farcall-broker -u farcall-controller`,
      {
        cause,
      },
    );
  }
}

/**
 * Publishes the bundle as soon as the controller answers. Anybody may publish: what counts is who signed.
 * Throws UNREACHABLE if it does not answer in a minute.
 */
export async function publishFirst(
  folder: string,
  {
    address,
    signed,
    clock,
  }: { readonly address: string; readonly signed: SignedBundle; readonly clock: Clock },
): Promise<void> {
  const caFile = readConfig(join(folder, SITE_FILES.config)).nats.caFile;
  const client = operatorClient({ address, clock, caFile, callLimitMs: CALL_LIMIT_MS });
  try {
    const endMs = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await client.call('publishTrust', signed);
        return;
      } catch (thrown) {
        const error = toFarcallError(thrown);
        if (error.code !== 'UNREACHABLE' || performance.now() > endMs) throw error;
        await sleep(POLL_MS);
      }
    }
  } finally {
    client.close();
  }
}
