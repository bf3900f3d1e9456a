import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { ModuleKeySource } from '../../../shared/cms/index.ts';

/** How openssl is told to make each kind of key. */
const KINDS = {
  'rsa-2048': ['rsa:2048'],
  'rsa-4096': ['rsa:4096'],
  'p-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'p-384': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'p-521': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  ed25519: ['ed25519'],
  'rsa-1024': ['rsa:1024'],
} as const;

/** A key that openssl makes, with a self-signed certificate for it. */
export function makeModuleKey(
  folder: string,
  name: string,
  kind: keyof typeof KINDS = 'rsa-2048',
): ModuleKeySource {
  const place = { key: join(folder, `${name}.key`), certificateFile: join(folder, `${name}.pem`) };
  openssl([
    ...['req', '-x509', '-nodes', '-newkey', ...KINDS[kind], '-subj', `/O=farcall test/CN=${name}`],
    ...['-days', '3650', '-keyout', place.key, '-out', place.certificateFile],
  ]);
  chmodSync(place.key, 0o600);
  return place;
}

/** The certificate in DER. */
export function derOf({ certificateFile }: ModuleKeySource): Buffer {
  return openssl(['x509', '-outform', 'DER', '-in', certificateFile]);
}

/** Runs openssl, and gives its output. */
export function openssl(args: readonly string[], input?: Uint8Array): Buffer {
  return execFileSync('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'], ...(input && { input }) });
}
