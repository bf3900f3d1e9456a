import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tls, { type PeerCertificate } from 'node:tls';
import { FarcallError } from '../errors/index.ts';

/**
 * From now on, every TLS connection of this process is TLS 1.3 (RFC 8446) or fails. gRPC and NATS have no
 * option of their own for this.
 *
 * Threat: somebody on the path makes both sides use an older version. Both sides are ours and support 1.3.
 */
export function requireTls13(): void {
  tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
}

/**
 * The bytes of the PEM file `path` with the only certificates to trust. Throws FILE_UNREADABLE, also if the
 * file contains no certificate: an empty list would mean those of the system.
 */
export function readTrustedCertificates(path: string): Buffer {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the certificates ${path} cannot be read`, { cause });
  }
  checkCertificates(pem, path);
  return pem;
}

/** Throws FILE_UNREADABLE naming `origin` if `pem` does not begin with a certificate. */
export function checkCertificates(pem: Uint8Array, origin: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${origin} contains no certificate in PEM`, { cause });
  }
}

/**
 * A function for the option `checkServerIdentity` of Node: it returns an error unless the certificate is for
 * one of `hosts`, names or IP addresses.
 *
 * Threat: a library passes an open socket to Node without the name of its peer, as nats does for an IP
 * address, and Node then checks for `localhost`. So the check uses the names in the configuration.
 */
export function identityOneOf(
  hosts: readonly string[],
): (hostname: string, certificate: PeerCertificate) => Error | undefined {
  return (_hostname, certificate) => {
    const problems = hosts.map(host => tls.checkServerIdentity(host, certificate));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}
