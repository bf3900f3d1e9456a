import { FarcallError } from '../../shared/errors/index.ts';
import {
  digestText,
  keyId,
  type PublicJwk,
  publicKeyOf,
  type StatementKind,
  sha256,
  verifyToken,
} from '../../shared/tokens/index.ts';

/** Bytes that a host sent, and its signature over them. */
export interface Statement {
  readonly host: string;
  readonly key: PublicJwk;
  readonly what: StatementKind;
  readonly bytes: Uint8Array;
  readonly signature: string;
  readonly nowMs: number;
}

/** A statement that `host` made with `key`. */
export interface VerifiedStatement {
  readonly digest: Uint8Array;
  readonly kid: string;
  readonly signedAtS: number;
}

/**
 * Checks that `host` signed exactly these bytes as what they are.
 *
 * Threats: another host's signature (only this host's key is in the ring); a signature over other bytes (digest in the
 * claims); facts passed off as a result or the other way round (`what`).
 */
export async function verifyStatement(statement: Statement): Promise<VerifiedStatement> {
  const { host, key, what, bytes, signature, nowMs } = statement;
  const kid = keyId(key);
  const keyring = new Map([[kid, { owner: host, key: publicKeyOf(key) }]]);
  const { claims } = await verifyToken('result', signature, { keyring, nowMs });
  const digest = sha256(bytes);
  if (claims.what !== what)
    throw new FarcallError('TOKEN_CLAIMS', `${host} signed this as ${claims.what}, not as ${what}`);
  if (claims.sha256 !== digestText(digest))
    throw new FarcallError('TOKEN_CLAIMS', `${host} signed other bytes than these`);
  return { digest, kid, signedAtS: claims.iat };
}
