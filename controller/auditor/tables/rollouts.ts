import type { Schema } from '../../store/index.ts';
import type { AttemptNote, RolloutNote, TableCheck, WaveCountNote, WaveNote } from '../replay/index.ts';

/** A rollout: it is where the entries of the log have brought it. */
export const rolloutsCheck: TableCheck<Schema['rollouts']> = {
  keyOf: ({ request_id }) => [request_id],
  told: 'every',
  check(row, { notes }, complain) {
    const note = notes.get<RolloutNote>(['rollouts', row.request_id]);
    if (!note) return;
    if (row.state !== note.state) complain('state', `it is ${row.state}, and by the log ${note.state}`);
    if (row.wave !== note.wave || row.attempt !== note.attempt || row.retried !== note.retried)
      complain('state', `by the log it is at attempt ${note.attempt}, wave ${note.wave}`);
    if (row.reason !== note.reason) complain('content', `by the log the reason is '${note.reason}'`);
    if (note.answerWithinMs !== undefined && row.answer_within_ms !== note.answerWithinMs)
      complain('content', 'answer_within_ms is not what the log says');
    if (row.changed_at_ms !== note.changedMs || row.changed_seq !== note.changedSeq)
      complain('content', `its last change is entry ${note.changedSeq}, by the log`);
  },
};

/** A wave: its hosts are those that were frozen, and it is where the entries of the log have brought it. */
export const wavesCheck: TableCheck<Schema['waves']> = {
  keyOf: ({ request_id, number }) => [request_id, number],
  told: 'every',
  check(row, { notes }, complain) {
    const note = notes.get<WaveNote>(['waves', row.request_id, row.number]);
    if (!note) return;
    if (row.state !== note.state) complain('state', `it is ${row.state}, and by the log ${note.state}`);
    const { hosts, from, to, watched } = note;
    if (
      row.hosts !== hosts ||
      row.slice_from !== from ||
      row.slice_to !== to ||
      row.watched !== Number(watched)
    )
      complain('content', `by the log it has ${hosts} hosts, with the numbers from ${from} to ${to}`);
    const times = [note.startedMs, note.answerByMs, note.bakeUntilMs, note.endedMs];
    const stored = [row.started_at_ms, row.answer_by_ms, row.bake_until_ms, row.ended_at_ms];
    if (stored.some((time, index) => time !== times[index]))
      complain('content', 'its times are not those of the log');
  },
};

/** An attempt: the log tells of it. */
export const attemptsCheck: TableCheck<Schema['attempts']> = {
  keyOf: ({ request_id, attempt }) => [request_id, attempt],
  told: 'every',
  check(row, { notes }, complain) {
    const note = notes.get<AttemptNote>(['attempts', row.request_id, row.attempt]);
    if (!note) return;
    if (row.actor !== note.actor || row.reason !== note.reason || row.only_outcomes !== note.only)
      complain('content', `by the log it is ${note.actor}'s: ${note.reason}`);
    if (row.made_at_ms !== note.madeMs) complain('content', 'it was made at another time, by the log');
  },
};

/** A count: it is the sum of the rows of its hosts. */
export const waveCountsCheck: TableCheck<Schema['wave_counts']> = {
  keyOf: ({ request_id, wave, outcome }) => [request_id, wave, outcome],
  told: 'every',
  check(row, { notes }, complain) {
    const note = notes.get<WaveCountNote>(['wave_counts', row.request_id, row.wave, row.outcome]);
    if (note && (row.hosts !== note.hosts || row.unhealthy !== note.unhealthy))
      complain('state', `it counts ${row.hosts} hosts, and there are ${note.hosts}`);
  },
};
