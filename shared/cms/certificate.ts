import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, id_ce_subjectKeyIdentifier, SubjectKeyIdentifier } from '@peculiar/asn1-x509';
import { FarcallError } from '../errors/index.ts';

/** What a key signs modules by: RSA (PKCS#1 v1.5) or ECDSA, with SHA-256. */
export type ModuleKeyAlgorithm = 'rsa' | 'ecdsa';

/** A certificate by which kernels verify modules. */
export interface ModuleCertificate {
  /** Common name of its subject, or the whole subject where it has none. */
  readonly name: string;
  /**
   * As kernels name the key in /proc/keys: the subject key identifier in hex, or the serial number where
   * there is none.
   */
  readonly keyId: string;
  /** SHA-256 of the certificate, in hex. */
  readonly fingerprint: string;
  readonly algorithm: ModuleKeyAlgorithm;
  /** As OpenSSL reads it. */
  readonly x509: X509Certificate;
  /** As ASN.1 reads it. */
  readonly asn1: Certificate;
}

const CERTIFICATE_LIMIT_BYTES = 64 << 10;
/** What all kernels since 6.1 take; RSA below 2048 is refused by none, and worth nothing. */
const RSA_BITS = { least: 2048, most: 4096 };
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1']);

/**
 * The certificate in the file `path`, PEM or DER. Throws FILE_UNREADABLE, or CONFIG_INVALID where no kernel
 * would take it.
 */
export function readModuleCertificate(path: string): ModuleCertificate {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the certificate ${path} cannot be read`, { cause });
  }
  return parseModuleCertificate(bytes, path);
}

/** The certificate in `bytes`, PEM or DER; `origin` is for messages. Throws CONFIG_INVALID. */
export function parseModuleCertificate(bytes: Uint8Array, origin = 'certificate'): ModuleCertificate {
  const invalid = (why: string, cause?: unknown): FarcallError =>
    new FarcallError('CONFIG_INVALID', `${origin}: ${why}`, { cause });
  if (bytes.length > CERTIFICATE_LIMIT_BYTES)
    throw invalid(`${bytes.length} bytes are over the limit of ${CERTIFICATE_LIMIT_BYTES}`);
  try {
    const x509 = new X509Certificate(bytes);
    const asn1 = AsnConvert.parse(x509.raw, Certificate);
    const fingerprint = x509.fingerprint256.replaceAll(':', '').toLowerCase();
    return {
      ...{ x509, asn1, fingerprint, algorithm: algorithmOf(x509) },
      name: nameOf(x509),
      keyId: keyIdOf(asn1),
    };
  } catch (cause) {
    if (cause instanceof FarcallError) throw invalid(cause.message, cause);
    throw invalid('not an X.509 certificate in PEM or DER', cause);
  }
}

function nameOf({ subject }: X509Certificate): string {
  const common = /^CN=(.+)$/m.exec(subject)?.[1];
  return (common ?? subject.replaceAll('\n', ' ')).slice(0, 256);
}

/**
 * What x509_key_preparse takes for the key's description (crypto/asymmetric_keys/x509_public_key.c, v6.12).
 */
function keyIdOf({ tbsCertificate }: Certificate): string {
  const extension = tbsCertificate.extensions?.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier);
  if (extension)
    return Buffer.from(AsnConvert.parse(extension.extnValue.buffer, SubjectKeyIdentifier).buffer).toString(
      'hex',
    );
  const serial = Buffer.from(tbsCertificate.serialNumber);
  return serial.subarray(serial.length > 1 && serial[0] === 0 ? 1 : 0).toString('hex');
}

function algorithmOf({ publicKey }: X509Certificate): ModuleKeyAlgorithm {
  const { modulusLength = 0, namedCurve = '' } = publicKey.asymmetricKeyDetails ?? {};
  if (publicKey.asymmetricKeyType === 'rsa') {
    if (modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most) return 'rsa';
    throw new FarcallError(
      'CONFIG_INVALID',
      `an RSA key of ${modulusLength} bits; kernels verify modules by ${RSA_BITS.least} to ${RSA_BITS.most}`,
    );
  }
  if (publicKey.asymmetricKeyType === 'ec' && CURVES.has(namedCurve)) return 'ecdsa';
  throw new FarcallError(
    'CONFIG_INVALID',
    `kernels verify modules by RSA, and since 6.12 by ECDSA over P-256 or P-384; this key is ${publicKey.asymmetricKeyType} ${namedCurve}`,
  );
}
