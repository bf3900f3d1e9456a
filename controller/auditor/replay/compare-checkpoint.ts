import { toFarcallError } from '../../../shared/errors/index.ts';
import type { TokenClaims } from '../../../shared/tokens/index.ts';
import { readCheckpoint } from '../../audit/index.ts';
import type { AuditFinding } from './audit-finding.ts';
import { findingReporter, type VerifyContext } from './context.ts';

/** A checkpoint, and where it was found. */
export interface CheckpointInStore {
  readonly token: string;
  readonly table: AuditFinding['table'];
  readonly key: string;
}

interface SeenCheckpoint {
  readonly hash: string;
  readonly where: string;
}

/**
 * Compares the log with one signed checkpoint. Resolves to the claims of the checkpoint; undefined if its
 * signature is not valid.
 *
 * Threat: somebody who can write to the database rewrites the whole log and recomputes every hash, or cuts
 * off its newest entries, or replaces it with an old copy. Without a controller's key they cannot sign for
 * their log. With the key they still cannot take back the checkpoints that hosts and files elsewhere hold.
 * Two different checkpoints of one entry prove that a controller's key has signed two histories.
 */
export async function compareCheckpoint(
  context: VerifyContext,
  found: CheckpointInStore,
): Promise<TokenClaims<'checkpoint'> | undefined> {
  const report = findingReporter(context, found.table, found.key);
  let claims: TokenClaims<'checkpoint'>;
  try {
    claims = await readCheckpoint(found.token, {
      site: context.trust.site,
      keyring: context.trust.controllers,
    });
  } catch (error) {
    report('signature', `the checkpoint: ${toFarcallError(error).message}`);
    return undefined;
  }
  const { store, seq, hash } = claims;
  reportFork(context, found, claims);
  if (store !== context.storeId) {
    report('checkpoint', `it holds a checkpoint of the store ${store}, and this one is ${context.storeId}`);
    return claims;
  }
  const here = await context.source.hashAt(seq);
  if (!here)
    report(
      'checkpoint',
      `it proves that there were ${seq} entries: the log was cut, or an old copy restored`,
    );
  else if (Buffer.from(here).toString('base64url') !== hash)
    report('checkpoint', `it proves that the log was rewritten: entry ${seq} had another hash`);
  else context.covered(seq);
  return claims;
}

function reportFork(
  { replay, report }: VerifyContext,
  { table, key }: CheckpointInStore,
  { store, seq, hash }: TokenClaims<'checkpoint'>,
): void {
  const where = `${table} ${key}`;
  const other = replay.get<SeenCheckpoint>(['checkpoint', store, seq]);
  if (!other) replay.put(['checkpoint', store, seq], { hash, where } satisfies SeenCheckpoint);
  else if (other.hash !== hash)
    report({
      kind: 'checkpoint',
      table,
      key,
      problem: `its checkpoint of entry ${seq} contradicts the one in ${other.where}: a controller's key has signed two histories`,
    });
}
