import { existsSync } from 'node:fs';
import type { Clock } from '../../shared/clock/index.ts';
import { examineBrokers, examineCertificate, examineClock, type Finding } from '../../shared/doctor/index.ts';
import type { ControllerConfig } from '../config/index.ts';
import { examineFiles } from './examine-files.ts';
import { examineLogins } from './examine-login.ts';
import { examinePorts } from './examine-ports.ts';
import { examineStore } from './examine-store.ts';

const SOON_MS = 30 * 86_400_000;

/** Inputs of {@link examineController}. */
export interface DoctorSources {
  readonly configFile: string;
  readonly clock: Clock;
}

/**
 * Looks at everything that must hold for a controller to work: the files and who can read them, its key, the
 * store, the trust bundle, the broker and the logins at it, the certificates, the ports and the clock. It
 * changes nothing, and the controller may be running. Never throws for what it finds.
 */
export async function examineController({ configFile, clock }: DoctorSources): Promise<readonly Finding[]> {
  const { findings, config, roots, kid } = examineFiles(configFile);
  const nowMs = clock.nowMs();
  if (!config) return [...findings, ...(await examineClock())];
  const rest = await Promise.all([
    roots ? examineStore({ config, roots, kid, nowMs }) : [],
    examineBrokers(config.nats),
    examineLogins(config, nowMs),
    certificates(config, nowMs),
    examinePorts(config, !('sqlite' in config.store) || existsSync(config.store.sqlite)),
    examineClock(),
  ]);
  return [...findings, ...rest.flat()];
}

function certificates({ tls, nats, console: page }: ControllerConfig, nowMs: number): readonly Finding[] {
  const renew = 'farcall-controller renew, then reload controller and broker';
  const files = [tls?.certFile, nats.caFile, page?.tls?.certFile].filter(file => file !== undefined);
  return [...new Set(files)].map(file =>
    examineCertificate('certificate', file, { nowMs, soonMs: SOON_MS, renew }),
  );
}
