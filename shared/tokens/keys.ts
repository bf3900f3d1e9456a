import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { readSecretText } from '../files/index.ts';
import { isUsableEd25519Key } from './ed25519-point.ts';

/**
 * An Ed25519 public key as a JWK (RFC 8037): what trust bundles and host facts carry.
 *
 * Threat: 43 characters hold two bits more than 32 bytes, so one key has four spellings, each with a key id
 * of its own. Anyone who could use a second spelling would have one key count as two. Only the canonical one
 * is taken.
 */
export const publicJwkSchema = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, 'an Ed25519 public key is 32 bytes in base64url')
    .refine(
      x => Buffer.from(x, 'base64url').toString('base64url') === x,
      'the key is not in canonical base64url',
    )
    .refine(isUsableEd25519Key, 'the key is no point of Ed25519, or one of small order'),
});

/** An Ed25519 public key as a JWK. */
export type PublicJwk = z.infer<typeof publicJwkSchema>;

const privateJwkSchema = publicJwkSchema.extend({ d: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

/** An Ed25519 key that can sign: in a file, in a hardware token, or in an ssh-agent. */
export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  /** The signature of `data` (PureEdDSA, RFC 8032), 64 bytes. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** A signing key whose private half this process has. It stays in the KeyObject and is never printed. */
export interface KeyPair extends SigningKey {
  readonly privateKey: KeyObject;
}

/** A public key of a kind that people may have: Ed25519, or P-256 for passkeys. */
export type AnyPublicJwk = Pick<PublicJwk, 'kty' | 'crv' | 'x'> | P256Jwk;

/** A P-256 public key as a JWK (RFC 7518, 6.2). */
export interface P256Jwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** The JWK thumbprint of a key in base64url (RFC 7638). Tokens name keys by it. */
export function keyId(jwk: AnyPublicJwk): string {
  return createHash('sha256')
    .update(JSON.stringify(membersOf(jwk)))
    .digest('base64url');
}

/** The public key in `jwk`. Throws an error of Node if it is no point of its curve. */
export function publicKeyOf(jwk: AnyPublicJwk): KeyObject {
  return createPublicKey({ key: { ...membersOf(jwk) }, format: 'jwk' });
}

/** The members that define the key, in the order of RFC 7638. */
function membersOf(jwk: AnyPublicJwk): AnyPublicJwk {
  const { crv, kty, x } = jwk;
  return kty === 'EC' ? ({ crv, kty, x, y: jwk.y } as P256Jwk) : ({ crv, kty, x } as PublicJwk);
}

/** A new Ed25519 key pair. */
export function newSigningKey(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return keyPair(privateKey, publicJwkSchema.parse(publicKey.export({ format: 'jwk' })));
}

/** RFC 8410, section 7: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_BEFORE_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 key pair of a seed of 32 bytes (RFC 8032, section 5.1.5). */
export function keyPairOfSeed(seed: Uint8Array): KeyPair {
  const key = Buffer.concat([PKCS8_BEFORE_SEED, seed]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  const publicJwk = publicJwkSchema.parse(createPublicKey(privateKey).export({ format: 'jwk' }));
  return keyPair(privateKey, publicJwk);
}

/**
 * The text of a key file, as {@link readKeyFile} reads it: the pair as a JWK (RFC 8037) and a line feed. It
 * is a secret.
 */
export function keyFileText(key: KeyPair): string {
  return `${JSON.stringify(key.privateKey.export({ format: 'jwk' }))}\n`;
}

/**
 * Writes the pair to a new file that only its owner can read (0600). Throws FILE_UNREADABLE if the file
 * exists or cannot be written.
 */
export function writeKeyFile(path: string, key: KeyPair): void {
  try {
    writeFileSync(path, keyFileText(key), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the key file ${path} cannot be written: ${reason(cause)}`, {
      cause,
    });
  }
}

/**
 * The key pair in the file `path`. Throws FILE_UNREADABLE, also if users other than the owner of the file may
 * read or write it: they may know the key, and the person who sees this message can replace it.
 */
export function readKeyFile(path: string): KeyPair {
  return parseKey(path, readSecretText(path, 'key file'));
}

function parseKey(path: string, text: string): KeyPair {
  try {
    const { d, ...publicJwk } = privateJwkSchema.parse(JSON.parse(text));
    return keyPair(createPrivateKey({ key: { ...publicJwk, d }, format: 'jwk' }), publicJwk);
  } catch {
    // The cause is dropped on purpose: parsers quote what they read, and this is a private key.
    throw new FarcallError(
      'FILE_UNREADABLE',
      `the key file ${path} is not an Ed25519 JWK with its private part`,
    );
  }
}

function keyPair(privateKey: KeyObject, publicJwk: PublicJwk): KeyPair {
  // By node:crypto itself, as signatures are checked: a third of the processor time that it takes through
  // WebCrypto.
  return { kid: keyId(publicJwk), publicJwk, privateKey, sign: async data => sign(null, data, privateKey) };
}

/**
 * A key whose private half is in a device or another process, which `sign` asks. `source` names it in errors.
 * Its `sign` throws what the given one throws, and KEY_WRONG if the answer is no signature by this key.
 *
 * Threat: the device signs with another key of the same name, or it is at fault: a wrong Ed25519 signature
 * can reveal the private key to those who read it. So nothing leaves that does not verify.
 */
export function deviceKey(
  publicJwk: PublicJwk,
  source: string,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): SigningKey {
  const key = publicKeyOf(publicJwk);
  const kid = keyId(publicJwk);
  return {
    kid,
    publicJwk,
    async sign(data) {
      const signature = await sign(data);
      if (verify(null, data, key, signature)) return signature;
      throw new FarcallError(
        'KEY_WRONG',
        `${source} made a signature that is not by its key ${kid}; it was thrown away`,
      );
    },
  };
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
