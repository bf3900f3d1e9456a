import type { Clock } from '../../shared/clock/index.ts';
import { readSecretText } from '../../shared/files/index.ts';
import { readTrustedCertificates } from '../../shared/tls/index.ts';
import { type HostCredentials, hostCredentials } from '../broker/index.ts';
import type { ControllerConfig } from '../config/index.ts';
import { type EnrolmentReplyParts, type RedemptionLimit, redemptionLimit } from '../enrolment/index.ts';

/** The parts that only a controller with a member `enrolment` has. */
export interface OpenEnrolment {
  /** host:port at which new hosts reach this controller. */
  readonly address: string;
  readonly hostCredentials: HostCredentials;
  readonly replyParts: EnrolmentReplyParts;
  readonly limit: RedemptionLimit;
}

/**
 * Opens the files that the member `enrolment` of the configuration names; undefined if there is no such
 * member. Throws FarcallError if a file cannot be used.
 */
export function openEnrolment(
  { enrolment, nats }: ControllerConfig,
  clock: Clock,
): OpenEnrolment | undefined {
  if (!enrolment) return undefined;
  const { address, signingFile, natsServers = nats.servers, credentialLifeMs } = enrolment;
  const natsCa = nats.caFile === undefined ? new Uint8Array() : readTrustedCertificates(nats.caFile);
  return {
    address,
    hostCredentials: hostCredentials(readSecretText(signingFile), signingFile, credentialLifeMs, clock),
    replyParts: { natsServers, natsCa },
    limit: redemptionLimit(clock),
  };
}
