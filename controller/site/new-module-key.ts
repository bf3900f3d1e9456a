// @peculiar/x509 asks for it, first.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A key that signs modules, and its certificate, in PEM. */
export interface NewModuleKey {
  readonly key: string;
  readonly certificate: string;
}

/** RSA with SHA-256: the only one that kernels before 6.12 take, and all later ones too. */
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 3072,
} as const;

const DAY_MS = 86_400_000;
/** Kernels ignore the dates; people do not. */
const LIFE_MS = 3650 * DAY_MS;
const BACKDATE_MS = 300_000;

/**
 * "Signs kernel modules only": with it shim boots nothing that the key has signed, where it stands among the
 * keys of the machine's owner (verify_eku in shim.c; Ubuntu's module keys have it). UEFI's own `db` does not
 * look at it.
 */
const MODULES_ONLY = '1.3.6.1.4.1.2312.16.1.2';

/** Makes a key and a self-signed certificate for it, by whose common name `name` kernels call it. */
export async function newModuleKey(name: string, nowMs: number): Promise<NewModuleKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore: new Date(nowMs - BACKDATE_MS),
    notAfter: new Date(nowMs + LIFE_MS),
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([MODULES_ONLY]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { key: pem('PRIVATE KEY', der), certificate: pem('CERTIFICATE', Buffer.from(certificate.rawData)) };
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
