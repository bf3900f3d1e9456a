import type { Clock } from '../../../shared/clock/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Logger } from '../../log/index.ts';
import type { CheckpointStore, WitnessStore } from '../../store/index.ts';
import { operatorKeys, type TrustSource } from '../../trust/index.ts';
import { readStatement } from './read-statement.ts';

/** The stores and services that {@link submitStatement} uses. */
export interface SubmitStatementDeps {
  readonly witnesses: WitnessStore;
  readonly checkpoints: Pick<CheckpointStore, 'storeId'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Adds a witness's statement to the log. Throws the token's own code; TOKEN_CLAIMS if somebody else signed it
 * than hands it in; AUDIT_CONTRADICTED if the log is not as the witness has seen it; CONFLICT if the witness
 * has been further.
 *
 * Threat: a controller, or a stranger, witnesses the log, so that it looks as if a second party had verified
 * it. Only requesters and approvers of the trust bundle can be witnesses, each for themselves.
 */
export async function submitStatement(
  { witnesses, checkpoints, trust, clock, log }: SubmitStatementDeps,
  { token, submittedBy }: { readonly token: string; readonly submittedBy: string },
): Promise<void> {
  const bundle = trust.current();
  const { keyring } = operatorKeys(bundle);
  const claims = await readStatement(token, { site: trust.site, keyring, nowMs: clock.nowMs() });
  const { iss: witness, store, seq, hash } = claims;
  if (witness !== submittedBy)
    throw new FarcallError('TOKEN_CLAIMS', `${submittedBy} hands in a statement that ${witness} signed`);
  const statement = { witness, seq, hash: Buffer.from(hash, 'base64url'), token };
  try {
    if (store !== (await checkpoints.storeId()))
      throw new FarcallError('AUDIT_CONTRADICTED', `${witness} has witnessed another store, ${store}`);
    await witnesses.add({ ...statement, trustVersion: bundle.version });
  } catch (thrown) {
    if (thrown instanceof FarcallError && thrown.code === 'AUDIT_CONTRADICTED')
      log.error({ witness, seq, problem: thrown.message }, 'audit log contradicts a witness');
    throw thrown;
  }
  log.info({ witness, seq }, 'audit log witnessed');
}
