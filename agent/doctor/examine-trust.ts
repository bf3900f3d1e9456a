import { existsSync } from 'node:fs';
import type { Clock } from '../../shared/clock/index.ts';
import { ends, type Finding, ok, orUnfit, unfit } from '../../shared/doctor/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { credentialEndsAtMs, credentialFile } from '../bus/index.ts';
import type { AgentConfig } from '../config/index.ts';
import { trustFiles } from '../trust/index.ts';

/** With less than this, a person should look why nothing was renewed. */
const SOON_MS = 48 * 3_600_000;

const REMEDIES = {
  soon: 'look why nobody has renewed it',
  over: 'look whether the agent reaches the broker',
} as const;

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
    return ends('trust', `the trust bundle ${version}`, {
      endsAtMs: expiresAtMs,
      nowMs: clock.nowMs(),
      soonMs: SOON_MS,
      ...REMEDIES,
    });
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
    return ends('login', 'the credential for the broker', {
      endsAtMs,
      nowMs: clock.nowMs(),
      soonMs: SOON_MS,
      ...REMEDIES,
    });
  });
}
