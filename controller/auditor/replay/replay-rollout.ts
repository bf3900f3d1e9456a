import type { RolloutState, WaveState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { WHOLE } from '../../../shared/targets/index.ts';
import type { AuditKind, Scratch } from '../../store/index.ts';
import type { AttemptNote, HostOutcomeNote, RequestNote, RolloutNote, WaveNote } from './notes.ts';
import { byController, inState, moved } from './replay-request.ts';
import type { Replay, ReplayedEntry, Telling } from './replayed-entry.ts';

type RolloutKind = Extract<AuditKind, `wave-${string}` | `rollout-${string}` | `hosts-${string}`>;

/** What each kind of entry about waves means; as `REPLAY_KINDS`. */
export const REPLAY_ROLLOUT: { readonly [K in RolloutKind]: Replay<K> } = {
  'wave-started': (entry, notes, complain) => {
    const { requestId, atMs, detail } = entry;
    const rollout = nextWave(entry, { notes, complain });
    if (!rollout) return;
    if (rollout.attempt === 0)
      noteAttempt(entry, { attempt: 1, actor: 'controller', reason: '', only: '' }, notes);
    setWave(notes, [requestId, detail.wave], { state: 'running', startedMs: atMs });
    const attempt = Math.max(1, rollout.attempt);
    setRollout(entry, { state: 'running', wave: detail.wave, attempt, reason: '' }, notes);
  },
  'wave-passed-over': (entry, notes, complain) => {
    const { requestId, atMs, detail } = entry;
    if (!nextWave(entry, { notes, complain })) return;
    setWave(notes, [requestId, detail.wave], { state: 'passed', startedMs: atMs, endedMs: atMs });
    setRollout(entry, { state: 'running', wave: detail.wave }, notes);
  },
  'wave-answered': (entry, notes, complain) => {
    const { requestId, detail } = entry;
    const { wave, bakeUntilMs } = detail;
    byController(entry, complain);
    if (waveOf(entry, wave, notes)?.state !== 'running')
      return complain('state', `wave ${wave} of request ${requestId} bakes, and was not under way`);
    setWave(notes, [requestId, wave], { state: 'baking', bakeUntilMs });
    const running = wavesOf(entry, notes).some(({ state }) => state === 'running');
    setRollout(entry, { state: running ? 'running' : 'baking' }, notes);
  },
  'wave-ended': (entry, notes, complain) => {
    const { requestId, atMs, detail } = entry;
    const { wave, verdict, state } = detail;
    byController(entry, complain);
    const was = waveOf(entry, wave, notes)?.state ?? 'pending';
    if (was === 'pending' || (verdict === 'passed' && was !== 'running' && was !== 'baking'))
      return complain('state', `wave ${wave} of request ${requestId} ends as ${verdict}, and was ${was}`);
    setWave(notes, [requestId, wave], { state: verdict, endedMs: atMs });
    setRollout(entry, { state }, notes);
  },
  'hosts-unreachable': (entry, notes, complain) => {
    byController(entry, complain);
    for (const host of entry.detail.hosts)
      changeHost(entry, host, {
        notes,
        complain,
        from: [null],
        to: { outcome: 'unreachable', ownWord: false },
      });
  },
  'hosts-unhealthy': (entry, notes, complain) => {
    byController(entry, complain);
    for (const [host, unhealthy] of entry.detail.hosts) {
      const known = notes.get<HostOutcomeNote>(['expected_hosts', entry.requestId, host]);
      if (!known || known.outcome === null || known.outcome === 'unreachable')
        complain('state', `${host} is unwell after a call that it did not answer`);
      else changeHost(entry, host, { notes, complain, from: [known.outcome], to: { unhealthy } });
    }
  },
  'rollout-stopped': (entry, notes, complain) => {
    byController(entry, complain);
    setRollout(entry, { state: 'stopped', reason: entry.detail.reason, retried: 0 }, notes);
  },
  'rollout-done': (entry, notes, complain) => {
    byController(entry, complain);
    if (wavesOf(entry, notes).some(({ state }) => state !== 'passed'))
      complain('state', `the rollout of request ${entry.requestId} is done, and a wave did not pass`);
    setRollout(entry, { state: 'done', reason: '', retried: 0 }, notes);
  },
  'rollout-paused': (entry, notes, complain) => {
    isIn(entry, ['waiting', 'running', 'baking', 'awaiting-promotion'], { notes, complain });
    setRollout(entry, { state: 'paused', reason: entry.detail.reason, retried: 0 }, notes);
  },
  'rollout-resumed': (entry, notes, complain) => {
    const { requestId, detail } = entry;
    isIn(entry, ['paused', 'stopped'], { notes, complain });
    for (const { number, state, answerByMs } of wavesOf(entry, notes)) {
      if (state !== 'running' && state !== 'failed') continue;
      const later = answerByMs === null ? null : answerByMs + detail.laterMs;
      const again = { state: 'running', answerByMs: later, bakeUntilMs: null, endedMs: null } as const;
      setWave(notes, [requestId, number], again);
    }
    setRollout(entry, { state: detail.state, reason: '', retried: 0 }, notes);
  },
  'rollout-promoted': (entry, notes, complain) => {
    isIn(entry, ['awaiting-promotion'], { notes, complain });
    setRollout(entry, { state: 'running', reason: '' }, notes);
  },
  'rollout-retried': (entry, notes, complain) => {
    const { actor, detail } = entry;
    const { attempt, reason, only } = detail;
    moved(entry, 'retry', { notes, complain });
    isIn(entry, ['running', 'baking', 'awaiting-promotion', 'stopped', 'done'], { notes, complain });
    const rollout = notes.get<RolloutNote>(['rollouts', entry.requestId]);
    if (rollout && attempt !== rollout.attempt + 1)
      complain('state', `attempt ${attempt} comes after ${rollout.attempt}`);
    noteAttempt(entry, { attempt, actor, reason, only: only.join(',') }, notes);
    const wasStopped = rollout?.state === 'stopped';
    setRollout(
      entry,
      { state: wasStopped ? 'stopped' : 'running', retried: wasStopped ? 1 : 0, attempt },
      notes,
    );
  },
  'hosts-retried': (entry, notes, complain) => {
    const { requestId, detail } = entry;
    const { wave, attempt, hosts } = detail;
    byController(entry, complain);
    const only = notes.get<AttemptNote>(['attempts', requestId, attempt])?.only.split(',') ?? [];
    const to = { outcome: null, attempt, unhealthy: null, ownWord: false };
    for (const host of hosts) changeHost(entry, host, { notes, complain, from: only as Outcome[], to });
    const again = { state: 'running', answerByMs: null, bakeUntilMs: null, endedMs: null } as const;
    setWave(notes, [requestId, wave], again);
  },
};

/** The rollout of a request that is made: nothing is ordered. */
export function beginRollout(entry: ReplayedEntry<'request-created'>, notes: Scratch): void {
  const { seq, requestId, atMs, detail } = entry;
  const { hosts, answerWithinMs } = detail;
  const waves = detail.waves ?? [{ hosts, from: WHOLE.from, to: WHOLE.to, watched: false }];
  const fresh = { state: 'waiting', wave: 0, attempt: 0, retried: 0, reason: '' } as const;
  const changed = detail.waves ? { changedMs: atMs, changedSeq: seq } : { changedMs: 0, changedSeq: 0 };
  const rollout = { ...fresh, ...changed, answerWithinMs, waves: waves.length };
  notes.put(['rollouts', requestId], rollout satisfies RolloutNote);
  for (const [index, wave] of waves.entries()) {
    const none = { startedMs: null, answerByMs: null, bakeUntilMs: null, endedMs: null };
    notes.put(['waves', requestId, index + 1], { state: 'pending', ...wave, ...none } satisfies WaveNote);
  }
}

/** The wave that an order is for must be under way; in entries from before there were waves, the order begins it. */
export function orderWave(entry: ReplayedEntry<'order-made'>, { notes, complain }: Telling): void {
  const { requestId, atMs, detail } = entry;
  if (detail.wave === undefined) {
    noteAttempt(entry, { attempt: detail.attempt, actor: 'controller', reason: '', only: '' }, notes);
    setWave(notes, [requestId, 1], { state: 'running', startedMs: atMs });
    const rollout = notes.get<RolloutNote>(['rollouts', requestId]);
    if (rollout)
      notes.put(['rollouts', requestId], { ...rollout, state: 'running', wave: 1, attempt: detail.attempt });
    return;
  }
  if (waveOf(entry, detail.wave, notes)?.state !== 'running')
    complain('state', `wave ${detail.wave} of request ${requestId} is ordered, and is not under way`);
  if (!notes.get(['attempts', requestId, detail.attempt]))
    complain('state', `attempt ${detail.attempt} at request ${requestId} is ordered, and nobody made it`);
}

/** The order is out: from here on the hosts of its wave have time to answer. */
export function beginAnswering(entry: ReplayedEntry<'order-published'>, wave: number, notes: Scratch): void {
  const { requestId, atMs } = entry;
  const within = notes.get<RolloutNote>(['rollouts', requestId])?.answerWithinMs;
  if (within !== undefined) setWave(notes, [requestId, wave], { answerByMs: atMs + within });
}

/** A request from before there were waves went through its one wave without a word about it. */
export function finishOld({ requestId }: ReplayedEntry<'request-finished'>, notes: Scratch): void {
  const rollout = notes.get<RolloutNote>(['rollouts', requestId]);
  if (rollout?.changedSeq !== 0) return;
  notes.put(['rollouts', requestId], { ...rollout, state: 'done' });
  setWave(notes, [requestId, 1], { state: 'passed' });
}

/** The rollout ends because its request does. */
export function endRollout(
  entry: ReplayedEntry<'abort-made' | 'request-expired'>,
  state: RolloutState,
  notes: Scratch,
): void {
  setRollout(entry, { state, retried: 0, reason: '' }, notes);
}

/** Counts a host of a request in another outcome; false where there is no such request. */
export function countHost(
  notes: Scratch,
  requestId: string,
  { from, to }: { readonly from: Outcome | null; readonly to: Outcome | null },
): boolean {
  const request = notes.get<RequestNote>(['requests', requestId]);
  if (!request) return false;
  const isFinal = (outcome: Outcome | null): boolean => outcome !== null && outcome !== 'unreachable';
  request.settled += Number(isFinal(to)) - Number(isFinal(from));
  if (from !== null) request.counts[from] = (request.counts[from] ?? 0) - 1;
  if (to !== null) request.counts[to] = (request.counts[to] ?? 0) + 1;
  notes.put(['requests', requestId], request);
  return true;
}

type Entry = Pick<ReplayedEntry<AuditKind>, 'seq' | 'atMs' | 'requestId' | 'host' | 'actor'>;

/** The rollout before its next wave, where that may begin: the waves before it have passed. */
function nextWave(
  entry: ReplayedEntry<'wave-started' | 'wave-passed-over'>,
  { notes, complain }: Telling,
): RolloutNote | undefined {
  const { requestId, detail } = entry;
  byController(entry, complain);
  if (!inState(entry, ['approved', 'dispatched', 'finished'], { notes, complain })) return undefined;
  isIn(entry, ['waiting', 'running'], { notes, complain });
  const rollout = notes.get<RolloutNote>(['rollouts', requestId]);
  const before = wavesOf(entry, notes).filter(({ number }) => number < detail.wave);
  if (detail.wave !== (rollout?.wave ?? 0) + 1 || before.some(({ state }) => state !== 'passed'))
    complain('state', `wave ${detail.wave} of request ${requestId} begins out of turn`);
  return rollout;
}

function isIn(entry: Entry, states: readonly RolloutState[], { notes, complain }: Telling): void {
  const { requestId } = entry;
  const state = notes.get<RolloutNote>(['rollouts', requestId])?.state;
  if (state !== undefined && !states.includes(state))
    complain('state', `the rollout of request ${requestId} is ${state} by then`);
}

function setRollout({ seq, atMs, requestId }: Entry, changed: Partial<RolloutNote>, notes: Scratch): void {
  const rollout = notes.get<RolloutNote>(['rollouts', requestId]);
  if (rollout)
    notes.put(['rollouts', requestId], { ...rollout, ...changed, changedMs: atMs, changedSeq: seq });
}

function waveOf({ requestId }: Entry, wave: number, notes: Scratch): WaveNote | undefined {
  return notes.get<WaveNote>(['waves', requestId, wave]);
}

function wavesOf(entry: Entry, notes: Scratch): readonly (WaveNote & { readonly number: number })[] {
  const { waves = 0 } = notes.get<RolloutNote>(['rollouts', entry.requestId]) ?? {};
  return Array.from({ length: waves }, (_, index) => index + 1).flatMap(number => {
    const note = waveOf(entry, number, notes);
    return note ? { ...note, number } : [];
  });
}

function setWave(
  notes: Scratch,
  [requestId, wave]: readonly [string, number],
  changed: Partial<WaveNote> & { readonly state?: WaveState },
): void {
  const note = notes.get<WaveNote>(['waves', requestId, wave]);
  if (note) notes.put(['waves', requestId, wave], { ...note, ...changed });
}

function noteAttempt(
  { requestId, atMs }: Entry,
  { attempt, ...said }: Omit<AttemptNote, 'madeMs'> & { readonly attempt: number },
  notes: Scratch,
): void {
  notes.put(['attempts', requestId, attempt], { ...said, madeMs: atMs } satisfies AttemptNote);
}

interface HostChange extends Telling {
  /** Outcomes that it may have had before; null for none. */
  readonly from: readonly (Outcome | null)[];
  readonly to: Partial<Pick<HostOutcomeNote, 'outcome' | 'ownWord' | 'attempt' | 'unhealthy'>>;
}

/** Changes one of the hosts that an entry names. */
function changeHost(
  { seq, requestId, detail: { wave } }: Entry & { readonly detail: { readonly wave: number } },
  host: string,
  { notes, complain, from, to }: HostChange,
): void {
  const key = ['expected_hosts', requestId, host] as const;
  const fresh = { outcome: null, ownWord: false, lastSeq: 0, attempt: 1, unhealthy: null } as const;
  const known = notes.get<HostOutcomeNote>(key) ?? fresh;
  if (!from.includes(known.outcome))
    complain('state', `${host} is ${known.outcome ?? 'open'} by then for request ${requestId}`);
  const after: HostOutcomeNote = { ...known, ...to, lastSeq: seq, wave };
  notes.put(key, after);
  countHost(notes, requestId, { from: known.outcome, to: after.outcome });
}
