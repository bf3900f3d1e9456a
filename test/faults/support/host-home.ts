import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeHostKey } from '../../../agent/identity/index.ts';
import { bundleFileText } from '../../../shared/trust/index.ts';
import { joinedProgram } from '../../kit/joined-program.ts';
import { type OrderKit, orderKit } from '../../kit/order-kit.ts';

/** The program of a host for tests of faults. */
export const ONE_HOST = fileURLToPath(new URL('./one-host.ts', import.meta.url));

/** A result that a host handed out, whether or not that was noted. */
export interface Delivered {
  readonly resultDigest: string;
  readonly outcome: string;
  readonly request: string;
}

/** Makes the files that `one-host.ts` needs in `home`: trust, its key, and no orders yet. */
export function makeHome(home: string): OrderKit {
  const kit = orderKit(Date.now());
  for (const name of ['orders', 'state']) mkdirSync(join(home, name), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, 'trust.json'), bundleFileText(kit.bundle, kit.signedBundle.signatures));
  makeHostKey(join(home, 'state'));
  return kit;
}

/** Environment of one run: what happens at which step, and where the steps are written down. */
export function faultEnvironment(home: string, fault?: string): Record<string, string> {
  return {
    FARCALL_TEST_STATE: join(home, 'state'),
    FARCALL_TEST_STEPS: join(home, 'steps'),
    ...(fault === undefined ? {} : { FARCALL_TEST_FAULT: fault }),
  };
}

/**
 * Runs the host of `home` to its end, or to the fault; resolves to its exit code or the signal that ended it.
 */
export function runHost(home: string, fault?: string): Promise<number | string> {
  const env = { ...process.env, ...faultEnvironment(home, fault) };
  return new Promise(resolve => {
    execFile(process.execPath, [joinedProgram(ONE_HOST), home], { env }, error => {
      resolve(error ? (error.signal ?? Number(error.code)) : 0);
    });
  });
}

/** Lines of a file of `home`; none where it is missing. */
export function linesOf(home: string, name: string): string[] {
  const path = join(home, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

/** What the host of `home` handed out so far. */
export function deliveredBy(home: string): Delivered[] {
  return linesOf(home, 'delivered').map(line => JSON.parse(line) as Delivered);
}
