import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, id_ce_subjectKeyIdentifier, SubjectKeyIdentifier } from '@peculiar/asn1-x509';
import { FarcallError } from '../errors/index.ts';

/** How a key signs modules: RSA (PKCS#1 v1.5) or ECDSA, with SHA-256. */
export type ModuleKeyAlgorithm = 'rsa' | 'ecdsa';

/** A certificate with which kernels verify modules. */
export interface ModuleCertificate {
  /** Common name of the subject, or the whole subject if it has none. */
  readonly name: string;
  /**
   * The name of the key in /proc/keys: the subject key identifier in hex, or the serial number if there is
   * none.
   */
  readonly keyId: string;
  /** SHA-256 of the certificate, in hex. */
  readonly fingerprint: string;
  readonly algorithm: ModuleKeyAlgorithm;
  /** The certificate as OpenSSL parses it. */
  readonly x509: X509Certificate;
  /** The certificate as an ASN.1 structure. */
  readonly asn1: Certificate;
}

const CERTIFICATE_LIMIT_BYTES = 64 << 10;
/**
 * The sizes that all kernels since 6.1 accept. Kernels also accept RSA below 2048 bits, which is insecure.
 */
const RSA_BITS = { least: 2048, most: 4096 };
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1']);

/**
 * The certificate in the file `path`, PEM or DER. Throws FILE_UNREADABLE, or CONFIG_INVALID if no kernel
 * would accept it.
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

/** The certificate in `bytes`, PEM or DER; `origin` names them in errors. Throws CONFIG_INVALID. */
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
 * The description that x509_key_preparse gives to the key (crypto/asymmetric_keys/x509_public_key.c, v6.12).
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
