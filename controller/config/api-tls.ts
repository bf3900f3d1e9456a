import { readSecretText } from '../../shared/files/index.ts';
import { readTrustedCertificates } from '../../shared/tls/index.ts';
import type { ControllerConfig } from './config.ts';

/**
 * Certificate and key of the operator API, or of the console, in PEM; undefined where it speaks plain text on
 * this machine.
 */
export function apiTls({
  tls,
}: Pick<ControllerConfig, 'tls'>): { certificates: Buffer; key: Buffer } | undefined {
  if (!tls) return undefined;
  return {
    certificates: readTrustedCertificates(tls.certFile),
    key: Buffer.from(readSecretText(tls.keyFile)),
  };
}
