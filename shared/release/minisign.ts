import { createHash, createPublicKey, verify } from 'node:crypto';
import { FarcallError } from '../errors/index.ts';
import type { PublicJwk, SigningKey } from '../tokens/index.ts';

/**
 * Signatures in the format of minisign (https://jedisct1.github.io/minisign/), whose own program verifies
 * them as well: Ed25519 over the BLAKE2b-512 of a file, and a second signature over the first one and a
 * comment.
 */
const PREHASHED = Buffer.from('ED');
const PLAIN_KEY = Buffer.from('Ed');
const KEY_ID_BYTES = 8;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const COMMENT = 'untrusted comment: ';
const TRUSTED = 'trusted comment: ';
/** A signature has four short lines. */
const LIMIT_BYTES = 4096;

/** A public key of minisign. */
export interface ReleaseKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

/** The key of minisign for an Ed25519 key of farcall. Its id is the start of the SHA-256 of the key. */
export function releaseKeyOf({ x }: PublicJwk): ReleaseKey {
  const key = Buffer.from(x, 'base64url');
  return { id: createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES), key };
}

/** The file of a public key, as `minisign -p` reads it. */
export function releaseKeyText({ id, key }: ReleaseKey): string {
  return `${COMMENT}farcall releases\n${Buffer.concat([PLAIN_KEY, id, key]).toString('base64')}\n`;
}

/**
 * A public key of minisign: the content of its file, or its line in base64 alone. Throws CONFIG_INVALID.
 */
export function parseReleaseKey(text: string): ReleaseKey {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  const bytes = Buffer.from(line, 'base64');
  const id = bytes.subarray(PLAIN_KEY.length, PLAIN_KEY.length + KEY_ID_BYTES);
  const key = bytes.subarray(PLAIN_KEY.length + KEY_ID_BYTES);
  if (!bytes.subarray(0, 2).equals(PLAIN_KEY) || key.length !== KEY_BYTES)
    throw new FarcallError('CONFIG_INVALID', 'this is no public key of minisign: RW…, 56 characters');
  return { id, key };
}

/**
 * The content of the file of a signature, as `minisign -V` reads it. `comment` is one line, and is signed
 * too.
 */
export async function signRelease(content: Uint8Array, comment: string, key: SigningKey): Promise<string> {
  const { id } = releaseKeyOf(key.publicJwk);
  const signature = Buffer.from(await key.sign(hashOf(content)));
  const global = Buffer.from(await key.sign(Buffer.concat([signature, Buffer.from(comment)])));
  return [
    `${COMMENT}signature of farcall`,
    Buffer.concat([PREHASHED, id, signature]).toString('base64'),
    `${TRUSTED}${comment}`,
    global.toString('base64'),
    '',
  ].join('\n');
}

/**
 * The signed comment of `signatureText`. Throws RELEASE_INVALID unless it is a signature of `content` by
 * `key`.
 *
 * Threat: a mirror that hands out another release. What it hands out is neither read nor unpacked before this
 * has returned.
 */
export function verifyReleaseSignature(content: Uint8Array, signatureText: string, key: ReleaseKey): string {
  const [, line = '', trusted = '', globalLine = '', ...rest] = signatureText.split('\n');
  const bytes = Buffer.from(line, 'base64');
  const id = bytes.subarray(PREHASHED.length, PREHASHED.length + KEY_ID_BYTES);
  const signature = bytes.subarray(PREHASHED.length + KEY_ID_BYTES);
  const isFormed =
    signatureText.length <= LIMIT_BYTES &&
    bytes.subarray(0, 2).equals(PREHASHED) &&
    signature.length === SIGNATURE_BYTES &&
    trusted.startsWith(TRUSTED) &&
    rest.join('').trim() === '';
  if (!isFormed) throw invalid('the signature has not the format of minisign');
  if (!id.equals(key.id)) throw invalid('another key signed this release');
  const comment = trusted.slice(TRUSTED.length);
  const global = Buffer.from(globalLine, 'base64');
  const signed = Buffer.concat([signature, Buffer.from(comment)]);
  if (!isSigned(hashOf(content), signature, key) || !isSigned(signed, global, key))
    throw invalid('the signature is not that of these checksums');
  return comment;
}

function hashOf(content: Uint8Array): Buffer {
  return createHash('blake2b512').update(content).digest();
}

function isSigned(data: Uint8Array, signature: Uint8Array, { key }: ReleaseKey): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
  return verify(null, data, createPublicKey({ key: jwk, format: 'jwk' }), signature);
}

function invalid(message: string): FarcallError {
  return new FarcallError('RELEASE_INVALID', message);
}
