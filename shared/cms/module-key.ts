import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { FarcallError } from '../errors/index.ts';
import { readSecret } from '../files/index.ts';
import { parsePkcs11Uri, pkcs11Token } from '../pkcs11/index.ts';
import { sha256 } from '../tokens/index.ts';
import { type ModuleCertificate, readModuleCertificate } from './certificate.ts';
import { signedData } from './signed-data.ts';
import { tokenSignature } from './token-signature.ts';

/** A key that signs modules, and its certificate. */
export interface ModuleKey {
  readonly certificate: ModuleCertificate;
  /** The DER of a SignedData over `image`, for `appendSignature`. */
  sign(image: Uint8Array): Promise<Uint8Array>;
}

/** Where a key and its certificate are. */
export interface ModuleKeySource {
  /** A PEM file, 0600, or a `pkcs11:` URI (see `parsePkcs11Uri`). */
  readonly key: string;
  /** Path of its certificate, PEM or DER. */
  readonly certificateFile: string;
}

type RawSign = (image: Uint8Array) => Promise<Uint8Array>;

/**
 * Opens a key. Throws FILE_UNREADABLE, or CONFIG_INVALID if the file is open to others, contains no key, or
 * does not match the certificate. A PKCS#11 token is used only when something is signed.
 */
export function openModuleKey({ key, certificateFile }: ModuleKeySource): ModuleKey {
  const certificate = readModuleCertificate(certificateFile);
  const raw = key.startsWith('pkcs11:') ? tokenKey(key, certificate) : fileKey(key, certificate);
  return {
    certificate,
    async sign(image) {
      const signature = await raw(image);
      // Every kernel would refuse a module that is signed with another key of that name in the token.
      if (!verify('sha256', image, certificate.x509.publicKey, signature))
        throw new FarcallError('CONFIG_INVALID', `${key.split('?')[0]} is not the key of ${certificateFile}`);
      return signedData(certificate.asn1, certificate.algorithm, signature);
    },
  };
}

function tokenKey(uri: string, { algorithm }: ModuleCertificate): RawSign {
  const token = pkcs11Token(parsePkcs11Uri(uri));
  return image => tokenSignature(token, algorithm, sha256(image));
}

/** node:crypto signs by PKCS#1 v1.5 for RSA by default; ECDSA signatures are in DER. */
function fileKey(path: string, { x509 }: ModuleCertificate): RawSign {
  const key = readPrivateKey(path);
  if (!x509.checkPrivateKey(key))
    throw new FarcallError('CONFIG_INVALID', `${path} is not the key of the certificate ${x509.subject}`);
  const signAsync = promisify(sign) as (
    algorithm: string,
    data: Uint8Array,
    key: KeyObject,
  ) => Promise<Buffer>;
  return image => signAsync('sha256', image, key);
}

/** Threat: anyone who can read the key can sign modules for every kernel that trusts it. */
function readPrivateKey(path: string): KeyObject {
  const pem = readSecret(path, 'module key');
  try {
    return createPrivateKey(pem);
  } catch {
    throw new FarcallError('FILE_UNREADABLE', `the module key ${path} is not a key in PEM`);
  }
}
