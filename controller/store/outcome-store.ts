import { FarcallError } from '../../shared/errors/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import { auditDigest } from './audit-log.ts';
import type { Change, Database } from './database.ts';
import { countOutcomes } from './host-counts.ts';
import { moveState } from './request-store.ts';

/** A verified result of one host. */
export interface NewResult {
  readonly requestId: string;
  readonly host: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  /** The exact CallResult bytes, their SHA-256, and the host's token over it. */
  readonly result: Uint8Array;
  readonly digest: Uint8Array;
  readonly signature: string;
}

/** What became of a result: the host's outcome, what it said after its outcome was final, or known already. */
export type ResultEffect = 'outcome' | 'late' | 'duplicate';

/** In what the call ended on each host. */
export interface OutcomeStore {
  /**
   * Keeps a result for ever and gives the host its outcome. Resolves after the commit. Throws NOT_SELECTED where the
   * request does not expect the host, CONFLICT where another result is kept already.
   */
  commit(result: NewResult): Promise<ResultEffect>;
  /** Ends a request that was never ordered: every host is `expired`. False where it was ordered or is over. */
  expireRequest(requestId: string): Promise<boolean>;
  /** Gives the outcome `expired` to every host that never answered an ordered request; returns their names. */
  expireSilentHosts(requestId: string): Promise<readonly string[]>;
}

/** The part of the store about outcomes. */
export function outcomeStoreOn(database: Database): OutcomeStore {
  return {
    commit: result => database.change(change => commit(change, result)),
    expireRequest: requestId =>
      database.change(async change => {
        const ordered = await change.trx
          .selectFrom('requests')
          .select('id')
          .where('id', '=', requestId)
          .where('state', 'not in', ['pending', 'approved'])
          .executeTakeFirst();
        if (ordered) return false;
        await expireHosts(change, requestId);
        return true;
      }),
    expireSilentHosts: requestId => database.change(change => expireHosts(change, requestId)),
  };
}

async function commit(change: Change, result: NewResult): Promise<ResultEffect> {
  const { trx, nowMs } = change;
  const { requestId, host, attempt } = result;
  const expected = await trx
    .selectFrom('expected_hosts')
    .select('outcome')
    .where('request_id', '=', requestId)
    .where('host', '=', host)
    .executeTakeFirst();
  if (!expected) throw new FarcallError('NOT_SELECTED', `request ${requestId} does not expect ${host}`);
  const kept = await trx
    .selectFrom('results')
    .select(['digest', 'late'])
    .where('request_id', '=', requestId)
    .where('host', '=', host)
    .where('attempt', '=', attempt)
    .execute();
  if (kept.some(({ digest }) => Buffer.compare(digest, result.digest) === 0)) return 'duplicate';
  await trx.updateTable('hosts').set({ last_seen_ms: nowMs }).where('name', '=', host).execute();
  if (expected.outcome === null) {
    await keep(change, result, 0);
    const detail = digestsOf(result);
    const seq = await change.audit({ kind: 'host-settled', actor: host, requestId, host, detail });
    await settle(change, { requestId, host, outcome: result.outcome, seq });
    await finishIfSettled(change, requestId);
    return 'outcome';
  }
  // An outcome once final stays. But a call that timed out may come back, and a host whose silence the controller took
  // for the end may have run after all: what it says then is kept beside the outcome.
  const mayBeLate = kept.length === 0 || (kept.length === 1 && expected.outcome === 'timed-out');
  if (!mayBeLate)
    throw new FarcallError(
      'CONFLICT',
      `another result of ${host} for request ${requestId} is kept: ${expected.outcome}`,
    );
  await keep(change, result, 1);
  const seq = await change.audit({
    kind: 'late-result',
    actor: host,
    requestId,
    host,
    detail: digestsOf(result),
  });
  await touch(change, { requestId, host, seq });
  return 'late';
}

function digestsOf({ outcome, attempt, digest, signature }: NewResult) {
  const result = Buffer.from(digest).toString('hex');
  return { outcome, attempt, result, signature: auditDigest(signature) };
}

async function keep({ trx, nowMs }: Change, result: NewResult, late: 0 | 1): Promise<void> {
  await trx
    .insertInto('results')
    .values({
      request_id: result.requestId,
      host: result.host,
      attempt: result.attempt,
      late,
      digest: result.digest,
      result: result.result,
      signature: result.signature,
      received_at_ms: nowMs,
    })
    .execute();
}

async function expireHosts(change: Change, requestId: string): Promise<readonly string[]> {
  const silent = await change.trx
    .selectFrom('expected_hosts')
    .select('host')
    .where('request_id', '=', requestId)
    .where('outcome', 'is', null)
    .orderBy('host')
    .execute();
  for (const { host } of silent) {
    const detail = { outcome: 'expired' } as const;
    const seq = await change.audit({ kind: 'host-given-up', actor: 'controller', requestId, host, detail });
    await settle(change, { requestId, host, outcome: 'expired', seq });
  }
  await finishIfSettled(change, requestId);
  return silent.map(({ host }) => host);
}

interface Settlement {
  readonly requestId: string;
  readonly host: string;
  readonly outcome: Outcome;
  /** Number of the audit entry that says so. */
  readonly seq: number;
}

async function settle(change: Change, { requestId, host, outcome, seq }: Settlement): Promise<void> {
  await change.trx
    .updateTable('expected_hosts')
    .set({ outcome })
    .where('request_id', '=', requestId)
    .where('host', '=', host)
    .execute();
  await touch(change, { requestId, host, seq });
  await change.trx
    .updateTable('requests')
    .set(({ eb }) => ({ settled_hosts: eb('settled_hosts', '+', 1) }))
    .where('id', '=', requestId)
    .execute();
}

async function touch(
  { trx }: Change,
  { requestId, host, seq }: { requestId: string; host: string; seq: number },
): Promise<void> {
  await trx
    .updateTable('expected_hosts')
    .set({ changed_seq: seq })
    .where('request_id', '=', requestId)
    .where('host', '=', host)
    .execute();
}

/** Ends the request once every expected host has exactly one outcome; the outcomes are counted, not only the counter. */
async function finishIfSettled(change: Change, requestId: string): Promise<void> {
  const { trx } = change;
  const { settled_hosts, expected_hosts } = await trx
    .selectFrom('requests')
    .select(['settled_hosts', 'expected_hosts'])
    .where('id', '=', requestId)
    .executeTakeFirstOrThrow();
  if (settled_hosts < expected_hosts) return;
  const outcomes = await countOutcomes(trx, requestId);
  const sum = outcomes.reduce((hosts, outcome) => hosts + outcome.hosts, 0);
  if (sum !== expected_hosts)
    throw new FarcallError(
      'INTERNAL',
      `request ${requestId} expects ${expected_hosts} hosts, but ${sum} have an outcome`,
    );
  const detail = Object.fromEntries(outcomes.map(({ outcome, hosts }) => [outcome, hosts]));
  const audit = (kind: 'request-finished' | 'request-expired') =>
    change.audit({ kind, actor: 'controller', requestId, detail });
  if (await moveState(change, requestId, ['dispatched'], 'finished')) await audit('request-finished');
  else if (await moveState(change, requestId, ['pending', 'approved'], 'expired'))
    await audit('request-expired');
}
