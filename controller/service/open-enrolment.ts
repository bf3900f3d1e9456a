import { readFileSync } from 'node:fs';
import type { Clock } from '../../shared/clock/index.ts';
import { readSecretText } from '../../shared/files/index.ts';
import { readTrustedCertificates } from '../../shared/tls/index.ts';
import { readRootsFile } from '../../shared/trust/index.ts';
import { type HostCredentials, hostCredentials } from '../broker/index.ts';
import type { ControllerConfig } from '../config/index.ts';
import { type EnrolmentReplyParts, type RedemptionLimit, redemptionLimit } from '../enrolment/index.ts';

/** What a controller that takes enrolments has beside the others. */
export interface OpenEnrolment {
  readonly hostCredentials: HostCredentials;
  readonly welcome: EnrolmentReplyParts;
  readonly limit: RedemptionLimit;
}

/**
 * What enrolling takes, from the files that the configuration names; undefined where it has no member `enrolment`. Throws
 * FarcallError where a file cannot be used.
 */
export function openEnrolment(
  { enrolment, nats }: ControllerConfig,
  clock: Clock,
): OpenEnrolment | undefined {
  if (!enrolment) return undefined;
  const { signingFile, rootsFile, natsServers = nats.servers, credentialLifeMs } = enrolment;
  const natsCa = nats.caFile === undefined ? new Uint8Array() : readTrustedCertificates(nats.caFile);
  const roots = (): Uint8Array => readRoots(rootsFile);
  roots();
  return {
    hostCredentials: hostCredentials(readSecretText(signingFile), signingFile, credentialLifeMs, clock),
    welcome: { natsServers, natsCa, roots },
    limit: redemptionLimit(clock),
  };
}

/** Bytes that are no roots are an error here, and not on every new host. */
function readRoots(path: string): Uint8Array {
  readRootsFile(path);
  return readFileSync(path);
}
