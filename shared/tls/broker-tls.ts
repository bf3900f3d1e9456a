import type { PeerCertificate } from 'node:tls';
import { hostsOf, wantsTls } from './broker-url.ts';
import { identityOneOf, readTrustedCertificates, requireTls13 } from './tls.ts';

/** Options for `nats`; it hands what it does not know itself on to `tls.connect`. */
export interface BrokerTls {
  readonly ca?: string;
  readonly checkServerIdentity: (hostname: string, certificate: PeerCertificate) => Error | undefined;
}

/**
 * How to speak TLS with the brokers at `servers`; undefined where they are plain ones on loopback. As long as
 * the result is given to `nats`, it refuses a server that offers no TLS before it says anything itself.
 *
 * Threat: a broker that is none (its certificate must be by one of `caFile`, or of the system's where there
 * is none, and for the host in the address); somebody who takes the offer of TLS out of the greeting.
 */
export function brokerTls(servers: readonly string[], caFile: string | undefined): BrokerTls | undefined {
  if (!wantsTls(servers)) return undefined;
  requireTls13();
  const checkServerIdentity = identityOneOf(hostsOf(servers));
  if (caFile === undefined) return { checkServerIdentity };
  return { checkServerIdentity, ca: readTrustedCertificates(caFile).toString('utf8') };
}
