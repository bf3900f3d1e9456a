import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import type { RequestState } from '../../../shared/messages/index.ts';
import { type Outcome, provesNotRun } from '../../../shared/outcome/index.ts';
import { type AuditKind, auditDigest, type Change, type Database } from '../core/index.ts';
import {
  countOutcomes,
  endRollout,
  isWatched,
  moveState,
  type RequestTransition,
  updateExpectedHosts,
  type WaveDeltas,
  waveDeltas,
} from '../progress/index.ts';
import type { ExpectedHostsTable } from '../schema/index.ts';
import { type ResultBatch, resultBatch } from './result-batch.ts';

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
  /** Its `resultSummaryText`, by which reports group hosts. */
  readonly summary: string;
  /** Its rows, for questions about the rows of all hosts; absent where it has none. */
  readonly rows?: { readonly columns: string; readonly rows: string; readonly dropped: number } | undefined;
}

/** The effect of a result: it gave the host's outcome, came after a final outcome, or was known already. */
export type ResultEffect = 'outcome' | 'late' | 'duplicate';

/** Verdict on one result among others. */
export type ResultVerdict = { readonly effect: ResultEffect } | { readonly error: FarcallError };

/** Outcomes of hosts. */
export interface OutcomeStore {
  /**
   * Keeps results forever and gives their hosts their outcomes, in one transaction. Resolves after the commit
   * to a verdict for each: NOT_SELECTED if the request does not expect the host, CONFLICT if another result
   * is kept already. A refused result changes nothing, and the others are kept. Throws if the store fails as
   * a whole.
   */
  commitAll(results: readonly NewResult[]): Promise<readonly ResultVerdict[]>;
  /**
   * Ends a request that was never ordered: every host is `not-ordered`. False if it was ordered or is over.
   */
  expireRequest(requestId: string): Promise<boolean>;
  /**
   * Gives an outcome to every host of an ordered request that has none of its own, as {@link giveUpHosts};
   * returns their names.
   */
  expireSilentHosts(requestId: string): Promise<readonly string[]>;
}

/** The part of the store about outcomes. */
export function outcomeStoreOn(database: Database): OutcomeStore {
  return {
    commitAll: results => database.change(change => commitAll(change, results)),
    expireRequest: requestId =>
      database.change(async change => {
        const ordered = await change.trx
          .selectFrom('requests')
          .select('id')
          .where('id', '=', requestId)
          .where('state', 'not in', ['pending', 'rejected', 'approved'])
          .executeTakeFirst();
        if (ordered) return false;
        await giveUpHosts(change, requestId);
        await finishIfComplete(change, requestId, 'expire');
        return true;
      }),
    expireSilentHosts: requestId =>
      database.change(async change => {
        const silent = await giveUpHosts(change, requestId);
        await finishIfComplete(change, requestId, 'settled');
        return silent;
      }),
  };
}

async function commitAll(change: Change, results: readonly NewResult[]): Promise<readonly ResultVerdict[]> {
  const batch = await resultBatch(change, results);
  const verdicts: ResultVerdict[] = [];
  const settled = new Map<string, number>();
  const deltas = waveDeltas();
  for (const result of results) {
    const verdict = await commitOne(change, { batch, deltas }, result);
    verdicts.push(verdict);
    const isNew = 'effect' in verdict && verdict.effect === 'outcome';
    if (isNew) settled.set(result.requestId, (settled.get(result.requestId) ?? 0) + 1);
  }
  await batch.flush();
  await deltas.write(change);
  for (const [requestId, hosts] of settled) {
    await countAnswered(change, requestId, hosts);
    await finishIfComplete(change, requestId, 'settled');
  }
  return verdicts;
}

/** Rows and wave counts that the results of one transaction change together. */
interface Group {
  readonly batch: ResultBatch;
  readonly deltas: WaveDeltas;
}

/** A refusal comes before anything is written, so that the rest of the transaction can stand. */
async function commitOne(change: Change, group: Group, result: NewResult): Promise<ResultVerdict> {
  try {
    return { effect: await commit(change, group, result) };
  } catch (thrown) {
    const error = toFarcallError(thrown);
    if (error.code === 'NOT_SELECTED' || error.code === 'CONFLICT') return { error };
    throw thrown;
  }
}

/**
 * A final outcome stays. But a call that timed out may come back, and a host that the controller gave up may
 * have run after all: its result is then kept beside the outcome. `unreachable` is not final: the host's
 * result replaces it. A result of an earlier attempt counts too, unless the host will answer a later one.
 */
async function commit(change: Change, { batch, deltas }: Group, result: NewResult): Promise<ResultEffect> {
  const { requestId, host, outcome } = result;
  const expected = batch.expected(result);
  if (!expected) throw new FarcallError('NOT_SELECTED', `request ${requestId} does not expect ${host}`);
  const kept = batch.kept(result);
  if (kept.some(({ digest }) => Buffer.compare(digest, result.digest) === 0)) return 'duplicate';
  // The host has said so already, by its statement about the abort.
  if (expected.outcome === 'aborted' && outcome === 'aborted') return 'duplicate';
  const isOpen = expected.outcome === null || expected.outcome === 'unreachable';
  const settles = isOpen && kept.length === 0 && !(await willTryAgain(change, result, expected));
  const mayBeLate = kept.length === 0 || (kept.length === 1 && expected.outcome === 'timed-out');
  if (!settles && !mayBeLate)
    throw new FarcallError(
      'CONFLICT',
      `another result of ${host} for request ${requestId} is kept: ${expected.outcome ?? 'from before a retry'}`,
    );
  batch.keep(result, settles ? 0 : 1);
  const kind = settles ? 'host-answered' : 'late-result';
  const seq = await change.audit({ kind, actor: host, requestId, host, detail: digestsOf(result) });
  if (!settles) {
    batch.change(expected, { changed_seq: seq });
    return 'late';
  }
  countOutcome(deltas, requestId, { wave: expected.wave, from: expected.outcome, to: outcome });
  const attempt = Math.max(result.attempt, expected.attempt);
  batch.change(expected, { changed_seq: seq, outcome, attempt, result_summary: result.summary });
  return 'outcome';
}

type Expected = Pick<ExpectedHostsTable, 'outcome' | 'wave' | 'attempt'>;

/**
 * Whether the host is still to answer to a later attempt than the one that this result is about: where
 * nothing ran, and a retry is for hosts that ended so. Its answer to that is what counts.
 */
async function willTryAgain(
  { trx }: Change,
  { requestId, attempt, outcome }: NewResult,
  expected: Expected,
): Promise<boolean> {
  if (attempt >= expected.attempt || !provesNotRun(outcome)) return false;
  const later = await trx
    .selectFrom('attempts')
    .select('only_outcomes')
    .where('request_id', '=', requestId)
    .where('attempt', '>', attempt)
    .where('attempt', '<=', expected.attempt)
    .execute();
  return later.some(({ only_outcomes }) => only_outcomes.split(',').includes(outcome));
}

function countOutcome(
  deltas: WaveDeltas,
  requestId: string,
  { wave, from, to }: { readonly wave: number; readonly from: Outcome | null; readonly to: Outcome },
): void {
  if (from !== null) deltas.add(requestId, { wave, outcome: from, hosts: -1 });
  deltas.add(requestId, { wave, outcome: to, hosts: 1 });
}

function digestsOf({ outcome, attempt, digest, signature }: NewResult) {
  const result = Buffer.from(digest).toString('hex');
  return { outcome, attempt, result, signature: auditDigest(signature) };
}

/** Which hosts the controller gives up: all that are still open, or those that nobody has ordered. */
export type GivenUpHosts = 'all' | 'not-ordered';

/**
 * Gives an outcome to the hosts of a request that have none, or are unreachable; returns their names. A host
 * whose wave has not begun is `not-ordered`: no order for it was ever stored, and what is not stored is sent
 * to nobody, so it certainly did not run. Any other is `expired`, and may have run.
 */
export async function giveUpHosts(
  change: Change,
  requestId: string,
  which: GivenUpHosts = 'all',
): Promise<readonly string[]> {
  const open = await openHosts(change, requestId);
  const silent = which === 'all' ? open : open.filter(({ wave_state }) => wave_state === 'pending');
  const settled: SettledHost[] = [];
  for (const { wave_state, ...row } of silent) {
    const { host, wave } = row;
    const outcome = wave_state === 'pending' ? 'not-ordered' : 'expired';
    const detail = { wave, outcome } as const;
    const seq = await change.audit({ kind: 'host-given-up', actor: 'controller', requestId, host, detail });
    settled.push({ row, outcome, seq });
  }
  await settleHosts(change, requestId, settled);
  return silent.map(({ host }) => host);
}

/** An open host, the outcome that it gets without a result of its own, and the entry that records it. */
export interface SettledHost {
  readonly row: ExpectedHostsTable;
  readonly outcome: Outcome;
  readonly seq: number;
}

/**
 * Writes outcomes of hosts of a request that sent no result. The caller ends the request if it is complete.
 */
export async function settleHosts(
  change: Change,
  requestId: string,
  settled: readonly SettledHost[],
): Promise<void> {
  const deltas = waveDeltas();
  for (const { row, outcome: to } of settled)
    countOutcome(deltas, requestId, { wave: row.wave, from: row.outcome, to });
  await updateExpectedHosts(
    change,
    settled.map(({ row, outcome, seq }) => ({ ...row, outcome, changed_seq: seq, result_summary: null })),
  );
  await deltas.write(change);
  await countAnswered(change, requestId, settled.length);
}

/** The hosts of a request that have no outcome or are unreachable, each with the state of its wave. */
function openHosts({ trx }: Change, requestId: string) {
  return trx
    .selectFrom('expected_hosts')
    .innerJoin('waves', join =>
      join
        .onRef('waves.request_id', '=', 'expected_hosts.request_id')
        .onRef('waves.number', '=', 'expected_hosts.wave'),
    )
    .selectAll('expected_hosts')
    .select('waves.state as wave_state')
    .where('expected_hosts.request_id', '=', requestId)
    .where(({ eb, or }) => or([eb('outcome', 'is', null), eb('outcome', '=', 'unreachable')]))
    .orderBy('host')
    .execute();
}

/** Adds hosts that have an outcome now to the count of their request. */
async function countAnswered({ trx }: Change, requestId: string, hosts: number): Promise<void> {
  await trx
    .updateTable('requests')
    .set(({ eb }) => ({ settled_hosts: eb('settled_hosts', '+', hosts) }))
    .where('id', '=', requestId)
    .execute();
}

const AUDIT_OF_END = {
  finished: 'request-finished',
  expired: 'request-expired',
  aborted: 'request-aborted',
} as const satisfies Partial<Record<RequestState, AuditKind>>;

/**
 * Ends the request by `event` once every expected host has an outcome and no wave is watched any longer. The
 * outcomes are counted from the rows, not from the counter.
 */
export async function finishIfComplete(
  change: Change,
  requestId: string,
  event: RequestTransition,
): Promise<void> {
  const { trx } = change;
  const { settled_hosts, expected_hosts } = await trx
    .selectFrom('requests')
    .select(['settled_hosts', 'expected_hosts'])
    .where('id', '=', requestId)
    .executeTakeFirstOrThrow();
  if (settled_hosts < expected_hosts) return;
  if (event === 'settled' && (await isWatched(change, requestId))) return;
  const outcomes = await countOutcomes(trx, requestId);
  const sum = outcomes.reduce((hosts, outcome) => hosts + outcome.hosts, 0);
  if (sum !== expected_hosts)
    throw new FarcallError(
      'INTERNAL',
      `request ${requestId} expects ${expected_hosts} hosts, but ${sum} have an outcome`,
    );
  const state = await moveState(change, requestId, event);
  if (state !== 'finished' && state !== 'expired' && state !== 'aborted') return;
  const detail = Object.fromEntries(outcomes.map(({ outcome, hosts }) => [outcome, hosts]));
  const seq = await change.audit({ kind: AUDIT_OF_END[state], actor: 'controller', requestId, detail });
  if (state === 'aborted') await markAbortOver(change, requestId);
  if (state === 'expired') await endRollout(change, requestId, { state: 'stopped', seq });
}

async function markAbortOver({ trx, nowMs }: Change, requestId: string): Promise<void> {
  await trx.updateTable('aborts').set({ ended_at_ms: nowMs }).where('request_id', '=', requestId).execute();
}
