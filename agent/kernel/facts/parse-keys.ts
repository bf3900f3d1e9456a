import {
  type KernelKeyringKey,
  type KernelSigning,
  TRUSTED_KEYS_LIMIT,
} from '../../../shared/messages/index.ts';

/** The keyrings whose keys make a kernel accept a module (certs/system_keyring.c, v6.12). */
const TRUSTED_KEYRINGS: ReadonlySet<string> = new Set([
  '.builtin_trusted_keys',
  '.secondary_trusted_keys',
  '.platform',
  '.machine',
]);

/**
 * `1d2b3c4d I------     1 perm 1f030000     0     0 asymmetri` and the description (security/keys/proc.c,
 * v6.12).
 */
const LINE = /^[0-9a-f]{8} \S{7} +\d+ +\S+ [0-9a-f]{8} +-?\d+ +-?\d+ (\S+) +(.*)$/;

/**
 * `NAME: KEYID: X509.rsa 5fdcc5cb []` (x509_key_preparse, crypto/asymmetric_keys/x509_public_key.c, v6.12).
 */
const CERTIFICATE = /^(.*): ([0-9a-f]{2,128}): X509\.\S/;

/** `.platform: 3`, or `.machine: empty` */
const KEYRING = /^(\.[a-z_]{1,63}): (\d{1,9}|empty)$/;

const NAME_LIMIT_CHARS = 256;

/**
 * The keys in /proc/keys by which modules are verified. The file lists keyrings and keys side by side and
 * does not say which keyring holds which key; a kernel has X.509 keys for no other purpose. Lines of an
 * unknown form are skipped.
 */
export function parseKeys(text: string): Pick<KernelSigning, 'keyrings' | 'keys'> {
  const keyrings: Record<string, number> = {};
  const keys = new Map<string, KernelKeyringKey>();
  for (const line of text.split('\n')) {
    const [, type, description = ''] = LINE.exec(line) ?? [];
    if (type === 'keyring') noteKeyring(description, keyrings);
    if (type === 'asymmetri' && keys.size < TRUSTED_KEYS_LIMIT) noteKey(description, keys);
  }
  return { keyrings, keys: [...keys.values()] };
}

function noteKeyring(description: string, keyrings: Record<string, number>): void {
  const [, name = '', count] = KEYRING.exec(description) ?? [];
  if (TRUSTED_KEYRINGS.has(name)) keyrings[name] = count === 'empty' ? 0 : Number(count);
}

function noteKey(description: string, keys: Map<string, KernelKeyringKey>): void {
  const [, name = '', keyId] = CERTIFICATE.exec(description) ?? [];
  if (keyId === undefined || keyId.length % 2 !== 0) return;
  // One certificate may be in several keyrings.
  keys.set(`${keyId} ${name}`, { name: printable(name), keyId });
}

/** Threat: anybody can choose the subject of a certificate, and operators see it on their terminals. */
function printable(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  return name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.').slice(0, NAME_LIMIT_CHARS);
}
