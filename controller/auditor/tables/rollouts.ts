import type { Schema } from '../../store/index.ts';
import type {
  ReplayedAttempt,
  ReplayedRollout,
  ReplayedWave,
  ReplayedWaveCount,
  TableCheck,
} from '../replay/index.ts';

/** A rollout: it is where the entries of the log have brought it. */
export const rolloutsCheck: TableCheck<Schema['rollouts']> = {
  keyOf: ({ request_id }) => [request_id],
  recorded: 'every',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedRollout>(['rollouts', row.request_id]);
    if (!recorded) return;
    if (row.state !== recorded.state)
      report('state', `it is ${row.state}; the audit log says ${recorded.state}`);
    if (row.wave !== recorded.wave || row.attempt !== recorded.attempt || row.retried !== recorded.retried)
      report('state', `the audit log says that it is at attempt ${recorded.attempt}, wave ${recorded.wave}`);
    if (row.reason !== recorded.reason)
      report('content', `the audit log says that the reason is '${recorded.reason}'`);
    if (row.answer_within_ms !== recorded.answerWithinMs)
      report('content', 'answer_within_ms is not what the log says');
    if (row.changed_at_ms !== recorded.changedMs || row.changed_seq !== recorded.changedSeq)
      report('content', `the audit log says that its last change is entry ${recorded.changedSeq}`);
  },
};

/** A wave: its hosts are those that were frozen, and it is where the entries of the log have brought it. */
export const wavesCheck: TableCheck<Schema['waves']> = {
  keyOf: ({ request_id, number }) => [request_id, number],
  recorded: 'every',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedWave>(['waves', row.request_id, row.number]);
    if (!recorded) return;
    if (row.state !== recorded.state)
      report('state', `it is ${row.state}; the audit log says ${recorded.state}`);
    const { hosts, from, to, watched } = recorded;
    if (
      row.hosts !== hosts ||
      row.slice_from !== from ||
      row.slice_to !== to ||
      row.watched !== Number(watched)
    )
      report(
        'content',
        `the audit log says that it has ${hosts} hosts, with the numbers from ${from} to ${to}`,
      );
    const times = [recorded.startedMs, recorded.answerByMs, recorded.bakeUntilMs, recorded.endedMs];
    const stored = [row.started_at_ms, row.answer_by_ms, row.bake_until_ms, row.ended_at_ms];
    if (stored.some((time, index) => time !== times[index]))
      report('content', 'its times are not those of the log');
  },
};

/** An attempt: the log records it. */
export const attemptsCheck: TableCheck<Schema['attempts']> = {
  keyOf: ({ request_id, attempt }) => [request_id, attempt],
  recorded: 'every',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedAttempt>(['attempts', row.request_id, row.attempt]);
    if (!recorded) return;
    if (row.actor !== recorded.actor || row.reason !== recorded.reason || row.only_outcomes !== recorded.only)
      report('content', `the audit log says that it is ${recorded.actor}'s: ${recorded.reason}`);
    if (row.made_at_ms !== recorded.madeMs)
      report('content', 'the audit log says that it was made at another time');
  },
};

/** A count: it is the sum of the rows of its hosts. */
export const waveCountsCheck: TableCheck<Schema['wave_counts']> = {
  keyOf: ({ request_id, wave, outcome }) => [request_id, wave, outcome],
  recorded: 'every',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedWaveCount>(['wave_counts', row.request_id, row.wave, row.outcome]);
    if (recorded && (row.hosts !== recorded.hosts || row.unhealthy !== recorded.unhealthy))
      report('state', `it counts ${row.hosts} hosts, and there are ${recorded.hosts}`);
  },
};
