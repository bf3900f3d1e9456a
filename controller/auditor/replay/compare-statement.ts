import { toFarcallError } from '../../../shared/errors/index.ts';
import type { Keyring, TokenClaims } from '../../../shared/tokens/index.ts';
import { readStatement } from '../../audit/index.ts';
import type { AuditFinding } from './audit-finding.ts';
import { findingReporter, type VerifyContext } from './context.ts';

/** A witness's statement, and where it was found. */
export interface FoundStatement {
  readonly token: string;
  readonly table: AuditFinding['table'];
  readonly key: string;
  /** The keys that may have signed it. */
  readonly keyring: Keyring;
  /** When it was handed in; undefined if only the statement itself says when it was made. */
  readonly atMs?: number;
}

interface SeenStatement {
  readonly hash: string;
  readonly where: string;
}

/**
 * Compares the log with what a witness has verified and signed. Resolves to the claims of the statement;
 * undefined if its signature is not valid.
 *
 * Threat: those who run the controller have its database and its key, and so can rewrite or cut the log and
 * sign checkpoints of the new one. They do not have the key of a person who runs on another machine, and
 * cannot take back what that person keeps.
 */
export async function compareStatement(
  context: VerifyContext,
  found: FoundStatement,
): Promise<TokenClaims<'witness'> | undefined> {
  const { token, table, key, keyring, atMs } = found;
  const report = findingReporter(context, table, key);
  let claims: TokenClaims<'witness'>;
  try {
    claims = await readStatement(token, { site: context.trust.site, keyring, nowMs: atMs });
  } catch (error) {
    report('signature', `the statement of a witness: ${toFarcallError(error).message}`);
    return undefined;
  }
  const { iss: witness, iat, seq } = claims;
  const problem = forkOf(context, found, claims) ?? (await contradictionOf(context, claims));
  if (problem !== undefined) report('witness', `${witness} witnessed entry ${seq}: ${problem}`);
  else context.witnessed({ witness, seq, atMs: iat * 1000 });
  return claims;
}

async function contradictionOf(
  { source, storeId }: VerifyContext,
  { store, seq, hash }: TokenClaims<'witness'>,
): Promise<string | undefined> {
  if (store !== storeId) return `of the store ${store}, and this one is ${storeId}`;
  const here = await source.hashAt(seq);
  if (!here) return 'the log was cut, or an old copy restored';
  if (Buffer.from(here).toString('base64url') !== hash)
    return 'the log was rewritten, for the entry had another hash';
  return undefined;
}

function forkOf(
  { replay }: VerifyContext,
  { table, key }: FoundStatement,
  { iss: witness, store, seq, hash }: TokenClaims<'witness'>,
): string | undefined {
  const place = ['statement', witness, store, seq] as const;
  const other = replay.get<SeenStatement>(place);
  if (!other) replay.put(place, { hash, where: `${table} ${key}` } satisfies SeenStatement);
  return other && other.hash !== hash
    ? `this contradicts their statement in ${other.where}: they have seen two histories`
    : undefined;
}
