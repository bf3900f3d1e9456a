import type { Kysely } from 'kysely';
import type { RequestState, RolloutState, WaveState } from '../../../shared/messages/index.ts';
import type { OutcomeTally } from '../../../shared/rollout/index.ts';
import type { Slice } from '../../../shared/targets/index.ts';
import type { Schema } from '../schema/index.ts';
import { unknownRequest } from './unknown-request.ts';

/** A rollout as it is now. */
export interface RolloutRecord {
  readonly requestId: string;
  readonly requestState: RequestState;
  readonly state: RolloutState;
  /** The newest wave that was ordered or passed over; 0 before the first. */
  readonly wave: number;
  /** The newest attempt; 0 before the first order. */
  readonly attempt: number;
  /** Why it is paused or stopped. */
  readonly reason: string;
  readonly changedAtMs: number;
  /** In the order of their numbers, which are 1, 2, 3 and so on. */
  readonly waves: readonly WaveRecord[];
}

/** A wave as it is now. */
export interface WaveRecord {
  readonly number: number;
  readonly state: WaveState;
  readonly hosts: number;
  readonly slice: Slice;
  /** How its hosts ended so far; those that are in none are open. */
  readonly tallies: readonly OutcomeTally[];
  readonly startedAtMs: number | undefined;
  /** When its silent hosts become unreachable; undefined until its order is published. */
  readonly answerByMs: number | undefined;
  readonly bakeUntilMs: number | undefined;
  readonly endedAtMs: number | undefined;
}

/** Reads the rollout of a request: a few rows, however many hosts there are. Throws NOT_FOUND. */
export async function readRollout(db: Kysely<Schema>, requestId: string): Promise<RolloutRecord> {
  const row = await db
    .selectFrom('rollouts')
    .innerJoin('requests', 'requests.id', 'rollouts.request_id')
    .selectAll('rollouts')
    .select('requests.state as request_state')
    .where('request_id', '=', requestId)
    .executeTakeFirst();
  if (!row) throw unknownRequest(requestId);
  return {
    requestId,
    requestState: row.request_state,
    state: row.state,
    wave: row.wave,
    attempt: row.attempt,
    reason: row.reason,
    changedAtMs: row.changed_at_ms,
    waves: await readWaves(db, requestId),
  };
}

async function readWaves(db: Kysely<Schema>, requestId: string): Promise<readonly WaveRecord[]> {
  const rows = await db
    .selectFrom('waves')
    .selectAll()
    .where('request_id', '=', requestId)
    .orderBy('number')
    .execute();
  const counts = await db.selectFrom('wave_counts').selectAll().where('request_id', '=', requestId).execute();
  return rows.map(row => ({
    number: row.number,
    state: row.state,
    hosts: row.hosts,
    slice: { from: row.slice_from, to: row.slice_to },
    tallies: counts
      .filter(({ wave, hosts }) => wave === row.number && hosts > 0)
      .map(({ outcome, hosts, unhealthy }) => ({ outcome, hosts, unhealthy })),
    startedAtMs: row.started_at_ms ?? undefined,
    answerByMs: row.answer_by_ms ?? undefined,
    bakeUntilMs: row.bake_until_ms ?? undefined,
    endedAtMs: row.ended_at_ms ?? undefined,
  }));
}
