import { sha256 } from '../tokens/index.ts';

/**
 * The digest with which a request names the hosts that it expects, so that approvers sign them: SHA-256 over
 * their names, sorted byte by byte, each followed by a line feed (`sort | sha256sum` of the names, one in a
 * line, in the C locale). 32 bytes.
 */
export function hostNamesDigest(hosts: Iterable<string>): Uint8Array {
  const names = [...hosts].map(name => Buffer.from(`${name}\n`, 'utf8')).sort(Buffer.compare);
  return sha256(...names);
}
