import type { KeyObject } from 'node:crypto';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  digestText,
  type HostStatementKind,
  keyId,
  type PublicJwk,
  publicKeyOf,
  sha256,
  verifyToken,
} from '../../shared/tokens/index.ts';

/** Bytes that a host sent, with its signature over them and what it takes to verify that. */
export interface HostStatement {
  readonly site: string;
  readonly host: string;
  readonly key: PublicJwk;
  readonly what: HostStatementKind;
  readonly bytes: Uint8Array;
  readonly signature: string;
  readonly nowMs: number;
}

/** A statement that `host` made with `key`. */
export interface VerifiedHostStatement {
  readonly digest: Uint8Array;
  readonly kid: string;
  readonly signedAtS: number;
}

/**
 * Checks that `host` signed exactly these bytes, as a statement of this kind. Throws the token's codes, and
 * TOKEN_CLAIMS if it signed something else.
 *
 * Threats: another host's signature (only this host's key is in the ring); a signature over other bytes
 * (digest in the claims); a statement of a host of another site; facts passed off as a result or the other
 * way round (`what`).
 */
export async function verifyHostStatement(statement: HostStatement): Promise<VerifiedHostStatement> {
  const { site, host, key, what, bytes, signature, nowMs } = statement;
  const known = knownKey(key);
  const keyring = new Map([[known.kid, { owner: host, key: known.key }]]);
  const { claims } = await verifyToken('result', signature, { site, keyring, nowMs });
  const digest = sha256(bytes);
  if (claims.what !== what)
    throw new FarcallError('TOKEN_CLAIMS', `${host} signed this as ${claims.what}, not as ${what}`);
  if (claims.sha256 !== digestText(digest))
    throw new FarcallError('TOKEN_CLAIMS', `${host} signed other bytes than these`);
  return { digest, kid: known.kid, signedAtS: claims.iat };
}

interface KnownKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** How many keys are cached; each takes about a kilobyte. */
const KEYS_LIMIT = 20_000;

/**
 * Key objects by their bytes. Which key a host has is looked up each time; only making the object is saved.
 */
const keys = new Map<string, KnownKey>();

function knownKey(jwk: PublicJwk): KnownKey {
  const found = keys.get(jwk.x);
  if (found) return found;
  const made = { kid: keyId(jwk), key: publicKeyOf(jwk) };
  if (keys.size >= KEYS_LIMIT) keys.clear();
  keys.set(jwk.x, made);
  return made;
}
