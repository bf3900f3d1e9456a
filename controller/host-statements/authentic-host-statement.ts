import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { HostStatementKind } from '../../shared/tokens/index.ts';
import type { EnrolledHost, HostKeyStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import { enrolledHost } from './enrolled-host.ts';
import { type VerifiedHostStatement, verifyHostStatement } from './verify-host-statement.ts';

/** Who knows the keys of hosts, the site, and what time it is. */
export interface HostStatementDeps {
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly trust: Pick<TrustSource, 'site'>;
  readonly clock: Clock;
}

/** Bytes that came on a host's subject, and the signature that came with them. */
export interface ReceivedHostStatement {
  readonly host: string;
  readonly what: HostStatementKind;
  /** Not decoded yet. */
  readonly bytes: Uint8Array;
  readonly signature: string;
}

/** A statement of an enrolled host. Its bytes may be decoded now. */
export interface AuthenticHostStatement extends VerifiedHostStatement {
  readonly enrolled: EnrolledHost;
}

/**
 * Checks that an enrolled host signed the bytes, before anybody looks into them. Throws TOKEN_KEY_UNKNOWN
 * where the host is not enrolled, and the codes of tokens.
 *
 * Threat: decoding costs time and memory that grow with what is in the bytes. A stranger's bytes must not
 * cost more than a signature; so everything that a host sends goes through here first.
 */
export async function authenticHostStatement(
  { hostKeys, trust, clock }: HostStatementDeps,
  { host, what, bytes, signature }: ReceivedHostStatement,
): Promise<AuthenticHostStatement> {
  const enrolled = await enrolledHost(hostKeys, host);
  const { site } = trust;
  const statement = { site, host, key: enrolled.publicJwk, what, bytes, signature, nowMs: clock.nowMs() };
  try {
    return { ...(await verifyHostStatement(statement)), enrolled };
  } catch (cause) {
    throw toFarcallError(cause).code === 'TOKEN_KEY_UNKNOWN' ? signedByAnotherKey(host, cause) : cause;
  }
}

function signedByAnotherKey(host: string, cause: unknown): FarcallError {
  return new FarcallError(
    'TOKEN_KEY_UNKNOWN',
    `${host} has another key than it was enrolled with; if it was installed again: farcall host remove ${host}, then farcall host enrol ${host}`,
    { cause },
  );
}
