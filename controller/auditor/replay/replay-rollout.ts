import type { RolloutState, WaveState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { AuditKind, ReplayState } from '../../store/index.ts';
import { byController, byNewestTrust, inState, moved } from './replay-request.ts';
import type { Replay, ReplayedEntry, ReplaySink } from './replayed-entry.ts';
import type {
  ReplayedAction,
  ReplayedAttempt,
  ReplayedHostOutcome,
  ReplayedRequest,
  ReplayedRollout,
  ReplayedWave,
} from './replayed-rows.ts';

type RolloutKind = Extract<AuditKind, `wave-${string}` | `rollout-${string}` | `hosts-${string}`>;

/** What each kind of entry about waves means; as `REPLAY_KINDS`. */
export const REPLAY_ROLLOUT: { readonly [K in RolloutKind]: Replay<K> } = {
  'wave-started': (entry, replay, report) => {
    const { requestId, atMs, detail } = entry;
    const rollout = nextWave(entry, { replay, report });
    if (!rollout) return;
    if (rollout.attempt === 0)
      recordAttempt(entry, { attempt: 1, actor: 'controller', reason: '', only: '' }, replay);
    setWave(replay, [requestId, detail.wave], { state: 'running', startedMs: atMs });
    const attempt = Math.max(1, rollout.attempt);
    setRollout(entry, { state: 'running', wave: detail.wave, attempt, reason: '' }, replay);
  },
  'wave-passed-over': (entry, replay, report) => {
    const { requestId, atMs, detail } = entry;
    if (!nextWave(entry, { replay, report })) return;
    setWave(replay, [requestId, detail.wave], { state: 'passed', startedMs: atMs, endedMs: atMs });
    setRollout(entry, { state: 'running', wave: detail.wave }, replay);
  },
  'wave-answered': (entry, replay, report) => {
    const { requestId, detail } = entry;
    const { wave, bakeUntilMs } = detail;
    byController(entry, report);
    if (waveOf(entry, wave, replay)?.state !== 'running')
      return report('state', `wave ${wave} of request ${requestId} bakes, and was not under way`);
    setWave(replay, [requestId, wave], { state: 'baking', bakeUntilMs });
    const running = wavesOf(entry, replay).some(({ state }) => state === 'running');
    setRollout(entry, { state: running ? 'running' : 'baking' }, replay);
  },
  'wave-ended': (entry, replay, report) => {
    const { requestId, atMs, detail } = entry;
    const { wave, verdict, state } = detail;
    byController(entry, report);
    const was = waveOf(entry, wave, replay)?.state ?? 'pending';
    if (was === 'pending' || (verdict === 'passed' && was !== 'running' && was !== 'baking'))
      return report('state', `wave ${wave} of request ${requestId} ends as ${verdict}, and was ${was}`);
    setWave(replay, [requestId, wave], { state: verdict, endedMs: atMs });
    setRollout(entry, { state }, replay);
  },
  'hosts-unreachable': (entry, replay, report) => {
    byController(entry, report);
    for (const host of entry.detail.hosts)
      changeHost(entry, host, {
        replay,
        report,
        from: [null],
        to: { outcome: 'unreachable', bySelf: false },
      });
  },
  'hosts-unhealthy': (entry, replay, report) => {
    byController(entry, report);
    for (const [host, unhealthy] of entry.detail.hosts) {
      const known = replay.get<ReplayedHostOutcome>(['expected_hosts', entry.requestId, host]);
      if (!known || known.outcome === null || known.outcome === 'unreachable')
        report('state', `${host} is unhealthy after a call that it did not answer`);
      else changeHost(entry, host, { replay, report, from: [known.outcome], to: { unhealthy } });
    }
  },
  'rollout-stopped': (entry, replay, report) => {
    byController(entry, report);
    setRollout(entry, { state: 'stopped', reason: entry.detail.reason, retried: 0 }, replay);
  },
  'rollout-done': (entry, replay, report) => {
    byController(entry, report);
    if (wavesOf(entry, replay).some(({ state }) => state !== 'passed'))
      report('state', `the rollout of request ${entry.requestId} is done, and a wave did not pass`);
    setRollout(entry, { state: 'done', reason: '', retried: 0 }, replay);
  },
  'rollout-paused': (entry, replay, report) => {
    recordAction(entry, { action: 'pause' }, { replay, report });
    isIn(entry, ['waiting', 'running', 'baking', 'awaiting-promotion'], { replay, report });
    setRollout(entry, { state: 'paused', reason: entry.detail.reason, retried: 0 }, replay);
  },
  'rollout-resumed': (entry, replay, report) => {
    const { requestId, detail } = entry;
    recordAction(entry, { action: 'resume' }, { replay, report });
    isIn(entry, ['paused', 'stopped'], { replay, report });
    for (const { number, state, answerByMs } of wavesOf(entry, replay)) {
      if (state !== 'running' && state !== 'failed') continue;
      const later = answerByMs === null ? null : answerByMs + detail.laterMs;
      const again = { state: 'running', answerByMs: later, bakeUntilMs: null, endedMs: null } as const;
      setWave(replay, [requestId, number], again);
    }
    setRollout(entry, { state: detail.state, reason: '', retried: 0 }, replay);
  },
  'rollout-promoted': (entry, replay, report) => {
    recordAction(entry, { action: 'promote' }, { replay, report });
    isIn(entry, ['awaiting-promotion'], { replay, report });
    setRollout(entry, { state: 'running', reason: '' }, replay);
  },
  'rollout-retried': (entry, replay, report) => {
    const { actor, detail } = entry;
    const { attempt, reason, only } = detail;
    recordAction(entry, { action: 'retry', only: detail.only }, { replay, report });
    moved(entry, 'retry', { replay, report });
    isIn(entry, ['running', 'baking', 'awaiting-promotion', 'stopped', 'done'], { replay, report });
    const rollout = replay.get<ReplayedRollout>(['rollouts', entry.requestId]);
    if (rollout && attempt !== rollout.attempt + 1)
      report('state', `attempt ${attempt} comes after ${rollout.attempt}`);
    recordAttempt(entry, { attempt, actor, reason, only: only.join(',') }, replay);
    const wasStopped = rollout?.state === 'stopped';
    setRollout(
      entry,
      { state: wasStopped ? 'stopped' : 'running', retried: wasStopped ? 1 : 0, attempt },
      replay,
    );
  },
  'hosts-retried': (entry, replay, report) => {
    const { requestId, detail } = entry;
    const { wave, attempt, hosts } = detail;
    byController(entry, report);
    const only = replay.get<ReplayedAttempt>(['attempts', requestId, attempt])?.only.split(',') ?? [];
    const to = { outcome: null, attempt, unhealthy: null, bySelf: false };
    for (const host of hosts) changeHost(entry, host, { replay, report, from: only as Outcome[], to });
    const again = { state: 'running', answerByMs: null, bakeUntilMs: null, endedMs: null } as const;
    setWave(replay, [requestId, wave], again);
  },
};

/** The rollout of a request that is made: nothing is ordered. */
export function beginRollout(entry: ReplayedEntry<'request-created'>, replay: ReplayState): void {
  const { seq, requestId, atMs, detail } = entry;
  const { waves, answerWithinMs } = detail;
  const fresh = { state: 'waiting', wave: 0, attempt: 0, retried: 0, reason: '' } as const;
  const rollout = { ...fresh, changedMs: atMs, changedSeq: seq, answerWithinMs, waves: waves.length };
  replay.put(['rollouts', requestId], rollout satisfies ReplayedRollout);
  for (const [index, wave] of waves.entries()) {
    const none = { startedMs: null, answerByMs: null, bakeUntilMs: null, endedMs: null };
    replay.put(['waves', requestId, index + 1], {
      state: 'pending',
      ...wave,
      ...none,
    } satisfies ReplayedWave);
  }
}

/** The wave that an order is for must be under way, and its attempt must have been made. */
export function orderWave(entry: ReplayedEntry<'order-made'>, { replay, report }: ReplaySink): void {
  const { requestId, detail } = entry;
  if (waveOf(entry, detail.wave, replay)?.state !== 'running')
    report('state', `wave ${detail.wave} of request ${requestId} is ordered, and is not under way`);
  if (!replay.get(['attempts', requestId, detail.attempt]))
    report('state', `attempt ${detail.attempt} at request ${requestId} is ordered, and nobody made it`);
}

/** The order is out: from here on the hosts of its wave have time to answer. */
export function replayAnswering(
  entry: ReplayedEntry<'order-published'>,
  wave: number,
  replay: ReplayState,
): void {
  const { requestId, atMs } = entry;
  const within = replay.get<ReplayedRollout>(['rollouts', requestId])?.answerWithinMs;
  if (within !== undefined) setWave(replay, [requestId, wave], { answerByMs: atMs + within });
}

/**
 * The outcome that the controller itself gives a host: `not-ordered` exactly if the wave of the host has not
 * begun by the log, and `expired` otherwise.
 *
 * Threat: somebody who writes into the store says that hosts certainly did not run what they may have run.
 */
export function checkGivenUp(entry: ReplayedEntry<'host-given-up'>, { replay, report }: ReplaySink): void {
  const { host, requestId, detail } = entry;
  const { wave, outcome } = detail;
  const state = waveOf(entry, wave, replay)?.state;
  const due = state === 'pending' ? 'not-ordered' : 'expired';
  if (outcome !== due)
    report(
      'entry',
      `${host} is given up as ${outcome}, and wave ${wave} of request ${requestId} is ${state ?? 'unknown'}`,
    );
  const key = ['expected_hosts', requestId, host] as const;
  const known = replay.get<ReplayedHostOutcome>(key) ?? UNKNOWN_HOST;
  replay.put(key, { ...known, wave } satisfies ReplayedHostOutcome);
}

/** The rollout ends because its request does. */
export function replayRolloutEnd(
  entry: ReplayedEntry<'abort-made' | 'request-expired'>,
  state: RolloutState,
  replay: ReplayState,
): void {
  setRollout(entry, { state, retried: 0, reason: '' }, replay);
}

/** Counts a host of a request in another outcome; false if there is no such request. */
export function countHost(
  replay: ReplayState,
  requestId: string,
  { from, to }: { readonly from: Outcome | null; readonly to: Outcome | null },
): boolean {
  const request = replay.get<ReplayedRequest>(['requests', requestId]);
  if (!request) return false;
  const isFinal = (outcome: Outcome | null): boolean => outcome !== null && outcome !== 'unreachable';
  request.settled += Number(isFinal(to)) - Number(isFinal(from));
  if (from !== null) request.counts[from] = (request.counts[from] ?? 0) - 1;
  if (to !== null) request.counts[to] = (request.counts[to] ?? 0) + 1;
  replay.put(['requests', requestId], request);
  return true;
}

/** A host of which the log has said nothing but that it is expected. */
const UNKNOWN_HOST = { outcome: null, bySelf: false, lastSeq: 0, attempt: 1, unhealthy: null } as const;

type Entry = Pick<ReplayedEntry<AuditKind>, 'seq' | 'atMs' | 'requestId' | 'host' | 'actor'>;

/** The rollout before its next wave, where that may begin: the waves before it have passed. */
function nextWave(
  entry: ReplayedEntry<'wave-started' | 'wave-passed-over'>,
  { replay, report }: ReplaySink,
): ReplayedRollout | undefined {
  const { requestId, detail } = entry;
  byController(entry, report);
  if (!inState(entry, ['approved', 'dispatched', 'finished'], { replay, report })) return undefined;
  isIn(entry, ['waiting', 'running'], { replay, report });
  const rollout = replay.get<ReplayedRollout>(['rollouts', requestId]);
  const before = wavesOf(entry, replay).filter(({ number }) => number < detail.wave);
  if (detail.wave !== (rollout?.wave ?? 0) + 1 || before.some(({ state }) => state !== 'passed'))
    report('state', `wave ${detail.wave} of request ${requestId} begins out of turn`);
  return rollout;
}

function isIn(entry: Entry, states: readonly RolloutState[], { replay, report }: ReplaySink): void {
  const { requestId } = entry;
  const state = replay.get<ReplayedRollout>(['rollouts', requestId])?.state;
  if (state !== undefined && !states.includes(state))
    report('state', `the rollout of request ${requestId} is ${state} by then`);
}

function setRollout(
  { seq, atMs, requestId }: Entry,
  changed: Partial<ReplayedRollout>,
  replay: ReplayState,
): void {
  const rollout = replay.get<ReplayedRollout>(['rollouts', requestId]);
  if (rollout)
    replay.put(['rollouts', requestId], { ...rollout, ...changed, changedMs: atMs, changedSeq: seq });
}

function waveOf({ requestId }: Entry, wave: number, replay: ReplayState): ReplayedWave | undefined {
  return replay.get<ReplayedWave>(['waves', requestId, wave]);
}

function wavesOf(entry: Entry, replay: ReplayState): readonly (ReplayedWave & { readonly number: number })[] {
  const { waves = 0 } = replay.get<ReplayedRollout>(['rollouts', entry.requestId]) ?? {};
  return Array.from({ length: waves }, (_, index) => index + 1).flatMap(number => {
    const recorded = waveOf(entry, number, replay);
    return recorded ? { ...recorded, number } : [];
  });
}

function setWave(
  replay: ReplayState,
  [requestId, wave]: readonly [string, number],
  changed: Partial<ReplayedWave> & { readonly state?: WaveState },
): void {
  const recorded = replay.get<ReplayedWave>(['waves', requestId, wave]);
  if (recorded) replay.put(['waves', requestId, wave], { ...recorded, ...changed });
}

function recordAttempt(
  { requestId, atMs }: Entry,
  { attempt, ...recorded }: Omit<ReplayedAttempt, 'madeMs'> & { readonly attempt: number },
  replay: ReplayState,
): void {
  replay.put(['attempts', requestId, attempt], { ...recorded, madeMs: atMs } satisfies ReplayedAttempt);
}

type ActionEntry = ReplayedEntry<
  'rollout-paused' | 'rollout-resumed' | 'rollout-promoted' | 'rollout-retried'
>;

/** A person did this, by a token that is used once, at the wave that the log has come to. */
function recordAction(
  entry: ActionEntry,
  { action, only = [] }: Pick<ReplayedAction, 'action'> & Partial<Pick<ReplayedAction, 'only'>>,
  { replay, report }: ReplaySink,
): void {
  const { requestId, actor, atMs, detail } = entry;
  const { token, trust, reason, wave } = detail;
  byNewestTrust(entry, { replay, report });
  const now = replay.get<ReplayedRollout>(['rollouts', requestId])?.wave;
  if (now !== wave) report('state', `it says that request ${requestId} is at wave ${wave}, and not ${now}`);
  const key = ['rollout_actions', requestId, token] as const;
  if (replay.get(key)) return report('state', `${actor} does a ${action} by a used token`);
  const recorded = { action, actor, reason, wave, only: only.toSorted(), trust, atMs };
  replay.put(key, recorded satisfies ReplayedAction);
}

interface HostChange extends ReplaySink {
  /** Outcomes that it may have had before; null for none. */
  readonly from: readonly (Outcome | null)[];
  readonly to: Partial<Pick<ReplayedHostOutcome, 'outcome' | 'bySelf' | 'attempt' | 'unhealthy'>>;
}

/** Changes one of the hosts that an entry names. */
function changeHost(
  { seq, requestId, detail: { wave } }: Entry & { readonly detail: { readonly wave: number } },
  host: string,
  { replay, report, from, to }: HostChange,
): void {
  const key = ['expected_hosts', requestId, host] as const;
  const known = replay.get<ReplayedHostOutcome>(key) ?? UNKNOWN_HOST;
  if (!from.includes(known.outcome))
    report('state', `${host} is ${known.outcome ?? 'open'} by then for request ${requestId}`);
  const after: ReplayedHostOutcome = { ...known, ...to, lastSeq: seq, wave };
  replay.put(key, after);
  countHost(replay, requestId, { from: known.outcome, to: after.outcome });
}
