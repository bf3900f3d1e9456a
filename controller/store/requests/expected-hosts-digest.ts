import { createHash } from 'node:crypto';
import type { ExpectedHost } from './request-store.ts';

/** Collects the hosts that a request expects, one by one. */
export interface ExpectedHostsDigest {
  /** The next host; in the order of their names, byte by byte. */
  add(host: ExpectedHost): void;
  /** SHA-256 of all of them, hex. */
  digest(): string;
}

/**
 * The digest by which the audit log holds the list of hosts that a request expects, each with the kernel it
 * had and the wave it is in.
 */
export function expectedHostsDigest(): ExpectedHostsDigest {
  const hash = createHash('sha256');
  return {
    add: ({ host, kernelRelease, arch, wave }) =>
      void hash.update(`${JSON.stringify([host, kernelRelease, arch, wave])}
`),
    digest: () => hash.digest('hex'),
  };
}
