import { toFarcallError } from '../../../shared/errors/index.ts';
import type { TokenClaims } from '../../../shared/tokens/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import type { Logger } from '../../log/index.ts';
import type { AuditStore, CheckpointConflict, CheckpointStore } from '../../store/index.ts';
import type { TrustSource } from '../../trust/index.ts';
import { readCheckpoint } from './read-checkpoint.ts';

/** The stores and services that {@link checkpointWitness} uses. */
export interface WitnessDeps {
  readonly audit: Pick<AuditStore, 'hashAt'>;
  readonly checkpoints: Pick<CheckpointStore, 'storeId'>;
  readonly trust: TrustSource;
  readonly log: Logger;
}

/** Compares the audit log with checkpoints that others kept. */
export interface CheckpointWitness {
  /** How a checkpoint contradicts the log; undefined if they agree or if the checkpoint does not verify. */
  conflictOf(token: string, holder: string): Promise<CheckpointConflict | undefined>;
}

/**
 * Threat: somebody replaces the database with an old copy, or cuts off its end, and the controller goes on
 * from there as if nothing had happened. The hosts remember how far it was.
 *
 * A checkpoint that does not verify proves nothing, and is only logged: a host must not be able to raise the
 * alarm with bytes that it made up.
 */
export function checkpointWitness({ audit, checkpoints, trust, log }: WitnessDeps): CheckpointWitness {
  const problemOf = async ({ store, seq, hash }: TokenClaims<'checkpoint'>): Promise<string | undefined> => {
    const storeId = await checkpoints.storeId();
    if (store !== storeId) return `it holds a checkpoint of the store ${store}, and this one is ${storeId}`;
    const here = await audit.hashAt(seq);
    if (!here) return `entries up to ${seq} are gone: the log was cut, or an old copy restored`;
    if (Buffer.from(here).toString('base64url') === hash) return undefined;
    return `entry ${seq} had another hash: the log was rewritten`;
  };
  return {
    async conflictOf(token, holder) {
      try {
        const claims = await readCheckpoint(token, {
          site: trust.site,
          keyring: keyringOf(trust.current().controllers),
        });
        const problem = await problemOf(claims);
        if (problem === undefined) return undefined;
        log.error(
          { host: holder, seq: claims.seq, problem },
          'the audit log contradicts a signed checkpoint',
        );
        return { seq: claims.seq, token, problem };
      } catch (error) {
        log.warn({ host: holder, reason: toFarcallError(error).message }, 'a checkpoint that proves nothing');
        return undefined;
      }
    },
  };
}
