import type { PeerCertificate } from 'node:tls';
import { hostsOf, wantsTls } from './broker-url.ts';
import { identityOneOf, readTrustedCertificates, requireTls13 } from './tls.ts';

/** TLS options for `nats`, which passes those that it does not use to `tls.connect`. */
export interface BrokerTls {
  readonly ca?: string;
  readonly checkServerIdentity: (hostname: string, certificate: PeerCertificate) => Error | undefined;
}

/**
 * TLS options for the brokers at `servers`; undefined if they are plain ones on loopback. With these options,
 * `nats` refuses a server that offers no TLS before it sends anything.
 *
 * Threats: a false broker (the certificate must be signed by one of `caFile`, or of the system's if there is
 * no file, and be for the host in the address); somebody who removes the offer of TLS from the greeting.
 */
export function brokerTls(servers: readonly string[], caFile: string | undefined): BrokerTls | undefined {
  if (!wantsTls(servers)) return undefined;
  requireTls13();
  const checkServerIdentity = identityOneOf(hostsOf(servers));
  if (caFile === undefined) return { checkServerIdentity };
  return { checkServerIdentity, ca: readTrustedCertificates(caFile).toString('utf8') };
}
