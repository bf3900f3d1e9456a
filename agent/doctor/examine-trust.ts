import { existsSync } from 'node:fs';
import type { Clock } from '../../shared/clock/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { credentialEndsAtMs, credentialFile } from '../bus/index.ts';
import type { AgentConfig } from '../config/index.ts';
import { trustFiles } from '../trust/index.ts';
import { type Finding, ok, orUnfit, unfit, warning } from './finding.ts';

const HOUR_MS = 3_600_000;

/** With less than this, a person should look why nothing was renewed. */
const SOON_MS = 48 * HOUR_MS;

/** By whose word this host acts, and for how long it may still log in at the broker. */
export async function examineTrust(config: AgentConfig, clock: Clock): Promise<readonly Finding[]> {
  const { credentialFile: file } = config.nats;
  return [await bundle(config, clock), ...(file === undefined ? [] : [credential(file, clock)])];
}

async function bundle({ stateDirectory }: AgentConfig, clock: Clock): Promise<Finding> {
  try {
    const held = await trustFiles(stateDirectory).load();
    if (!held)
      return unfit(
        'trust',
        'this host has no trust bundle yet',
        'the roots publish one, and the agent must reach the broker',
      );
    const { version, expiresAtMs } = held.bundle;
    return ends('trust', `the trust bundle ${version}`, { endsAtMs: expiresAtMs, clock });
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return unfit('trust', `${message} [${code}]`, 'see the runbook');
  }
}

function credential(file: string, clock: Clock): Finding {
  const remedy = 'the agent renews it while it is connected; if it has ended, enrol this host again';
  return orUnfit('login', remedy, () => {
    if (!existsSync(file)) return unfit('login', `there is no ${file}`, remedy);
    const endsAtMs = credentialEndsAtMs(credentialFile(file).read());
    if (endsAtMs === undefined) return ok('login', 'the credential for the broker does not end');
    return ends('login', 'the credential for the broker', { endsAtMs, clock });
  });
}

function ends(
  check: string,
  what: string,
  { endsAtMs, clock }: { readonly endsAtMs: number; readonly clock: Clock },
): Finding {
  const leftMs = endsAtMs - clock.nowMs();
  const hours = Math.floor(Math.abs(leftMs) / HOUR_MS);
  const time = hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
  if (leftMs <= 0)
    return unfit(check, `${what} ended ${time} ago`, 'look whether the agent reaches the broker');
  const text = `${what} ends in ${time}`;
  return leftMs > SOON_MS ? ok(check, text) : warning(check, text, 'look why nobody has renewed it');
}
