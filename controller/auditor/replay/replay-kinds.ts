import type { RequestState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import {
  type ApprovalDecision,
  type AuditDetail,
  type AuditKind,
  DECIDED_IN,
  type ReplayState,
  type RequestTransition,
  TRANSITIONS,
  WITHDRAWN_IN,
} from '../../store/index.ts';
import type { ReportFinding } from './context.ts';
import { REPLAY_EMERGENCY } from './replay-emergency.ts';
import { byActiveKey, REPLAY_ENROLMENT } from './replay-enrolment.ts';
import { REPLAY_LOCKS } from './replay-locks.ts';
import { type AnyEntry, byController, byNewestTrust, inState, moved } from './replay-request.ts';
import {
  beginRollout,
  checkGivenUp,
  countHost,
  orderWave,
  REPLAY_ROLLOUT,
  replayAnswering,
  replayRolloutEnd,
} from './replay-rollout.ts';
import { REPLAY_SIGNING } from './replay-signing.ts';
import { REPLAY_WITNESS } from './replay-witness.ts';
import type { Replay, ReplayedEntry, ReplaySink } from './replayed-entry.ts';
import type {
  ReplayedAbort,
  ReplayedAbortStatement,
  ReplayedDecision,
  ReplayedHost,
  ReplayedHostOutcome,
  ReplayedJoin,
  ReplayedLease,
  ReplayedNewestTrust,
  ReplayedOrder,
  ReplayedPlan,
  ReplayedRequest,
  ReplayedResult,
  ReplayedTrust,
  ReplayedWave,
} from './replayed-rows.ts';

const ROOTS = 'roots';
/** States in which a request can still be aborted. */
const ABORTABLE = Object.keys(TRANSITIONS.abort) as RequestState[];
/** States of a request whose hosts may still have no outcome. */
const OPEN: readonly RequestState[] = [...ABORTABLE, 'aborting'];

/**
 * What each kind of entry means: in which state it may come, and what rows must exist because of it. A new
 * kind of entry needs its line here, or this does not compile.
 */
export const REPLAY_KINDS: { readonly [K in AuditKind]: Replay<K> } = {
  'host-registered': ({ host, actor, atMs, detail }, replay, report) => {
    if (replay.get(['hosts', host])) return report('state', `${host} is registered a second time`);
    if (actor !== host) report('entry', `${actor} registers ${host}`);
    byActiveKey(host, detail, { replay, report });
    replay.put(['hosts', host], { ...detail, firstSeenMs: atMs, factsMs: atMs } satisfies ReplayedHost);
  },
  'host-facts': ({ host, actor, atMs, detail }, replay, report) => {
    const known = replay.get<ReplayedHost>(['hosts', host]);
    if (!known) return report('state', `${host} says new facts without ever having been registered`);
    if (actor !== host) report('entry', `${actor} says the facts of ${host}`);
    byActiveKey(host, detail, { replay, report });
    const { changed: _, ...digests } = detail;
    replay.put(['hosts', host], { ...known, ...digests, factsMs: atMs } satisfies ReplayedHost);
  },
  ...REPLAY_ENROLMENT,
  ...REPLAY_LOCKS,
  'trust-accepted': ({ actor, atMs, detail }, replay, report) => {
    const { version, digest, signers } = detail;
    const newest = replay.get<ReplayedNewestTrust>(['newest-trust'])?.version ?? 0;
    if (version <= newest) return report('state', `trust bundle ${version} comes after ${newest}`);
    if (actor !== ROOTS) report('entry', `${actor} makes trust bundles count`);
    replay.put(['trust_bundles', version], { digest, signers, atMs } satisfies ReplayedTrust);
    replay.put(['newest-trust'], { version, atMs } satisfies ReplayedNewestTrust);
  },
  'console-signed-in': () => undefined,
  'plan-made': ({ actor, atMs, detail }, replay, report) => {
    const { plan, ...recorded } = detail;
    if (replay.get(['plans', plan])) return report('state', `plan ${plan} is made a second time`);
    replay.put(['plans', plan], { ...recorded, madeBy: actor, atMs } satisfies ReplayedPlan);
    replay.put(['plan-digest', detail.digest], { atMs });
  },
  'request-created': (entry, replay, report) => {
    const { seq, atMs, requestId, actor, detail } = entry;
    if (replay.get(['requests', requestId]))
      return report('state', `request ${requestId} is made a second time`);
    const { waves: _waves, answerWithinMs: _within, ...recorded } = detail;
    const fresh = {
      state: 'pending',
      joined: 0,
      answering: 0,
      settled: 0,
      counts: {},
      decisions: [],
      ordered: [],
    } as const;
    replay.put(['requests', requestId], {
      ...recorded,
      ...fresh,
      requester: actor,
      createdSeq: seq,
      madeMs: atMs,
    });
    beginRollout(entry, replay);
  },
  'host-joined': (entry, replay, report) => {
    const { seq, requestId, host, detail } = entry;
    const request = inState(entry, ABORTABLE, { replay, report });
    if (!request) return;
    byController(entry, report);
    if (replay.get(['joined', requestId, host]) || replay.get(['expected_hosts', requestId, host]))
      return report('state', `${host} joins request ${requestId} a second time`);
    replay.put(['joined', requestId, host], { ...detail, seq } satisfies ReplayedJoin);
    const wave = replay.get<ReplayedWave>(['waves', requestId, detail.wave]);
    if (!wave) report('state', `${host} joins wave ${detail.wave}, which request ${requestId} does not have`);
    else replay.put(['waves', requestId, detail.wave], { ...wave, hosts: wave.hosts + 1 });
    replay.put(['requests', requestId], {
      ...request,
      hosts: request.hosts + 1,
      joined: request.joined + (detail.answers ? 0 : 1),
      answering: request.answering + (detail.answers ? 1 : 0),
    });
  },
  'approval-added': (entry, replay, report) => decide(entry, 'approve', { replay, report }),
  'rejection-added': (entry, replay, report) => decide(entry, 'reject', { replay, report }),
  'approval-withdrawn': (entry, replay, report) => takeBack(entry, 'approve', { replay, report }),
  'rejection-withdrawn': (entry, replay, report) => takeBack(entry, 'reject', { replay, report }),
  'request-rejected': (entry, replay, report) => {
    const request = moved(entry, 'reject', { replay, report });
    if (request && !activeSigners(request, 'reject').includes(entry.actor))
      report('state', `${entry.actor} did not reject request ${entry.requestId}`);
  },
  'request-reopened': (entry, replay, report) => {
    const request = moved(entry, 'reopen', { replay, report });
    if (request && activeSigners(request, 'reject').length > 0)
      report('state', `request ${entry.requestId} is open again while a rejection stands`);
  },
  'request-approved': (entry, replay, report) => {
    const request = moved(entry, 'enough', { replay, report });
    if (!request) return;
    byController(entry, report);
    byNewestTrust(entry, { replay, report });
    if (activeSigners(request, 'reject').length > 0)
      report('state', 'a rejection stood, and was passed over');
    const known = new Set(activeSigners(request, 'approve'));
    for (const approver of entry.detail.approvers)
      if (!known.has(approver)) report('state', `${approver} is counted without an active approval`);
  },
  'order-made': (entry, replay, report) => {
    const { requestId, atMs, detail } = entry;
    const { order, attempt, wave, envelope, trust } = detail;
    const known = replay.get<ReplayedRequest>(['requests', requestId]);
    const isFirst = known?.state !== 'dispatched';
    const sink = { replay, report };
    const request = isFirst ? moved(entry, 'order', sink) : inState(entry, ['dispatched'], sink);
    if (!request) return;
    byController(entry, report);
    byNewestTrust(entry, sink);
    if (replay.get(['orders', order])) return report('state', `order ${order} is made a second time`);
    if (request.ordered.includes(`${attempt}/${wave}`))
      report('state', `attempt ${attempt} is ordered a second time for wave ${wave}`);
    orderWave(entry, sink);
    const { decisions } = request;
    const made = { requestId, attempt, wave, envelope, trust, madeMs: atMs, publishedMs: null, decisions };
    replay.put(['orders', order], made satisfies ReplayedOrder);
    replay.put(['requests', requestId], { ...request, ordered: [...request.ordered, `${attempt}/${wave}`] });
  },
  'order-published': (entry, replay, report) => {
    const { requestId, atMs, detail } = entry;
    const order = replay.get<ReplayedOrder>(['orders', detail.order]);
    if (order?.requestId !== requestId)
      return report('state', `order ${detail.order} goes out without having been made`);
    byController(entry, report);
    replay.put(['orders', detail.order], { ...order, publishedMs: atMs });
    replayAnswering(entry, order.wave, replay);
  },
  'host-answered': (entry, replay, report) => {
    const { requestId, host, atMs, detail } = entry;
    if (!inState(entry, ['dispatched', 'aborting'], { replay, report })) return;
    if (entry.actor !== host) report('entry', `${entry.actor} speaks for ${host}`);
    if (!settle(entry, true, replay, report)) return;
    replay.put(['results', requestId, host, detail.attempt, 0], replayedResult(detail, atMs));
  },
  'host-given-up': (entry, replay, report) => {
    if (!inState(entry, OPEN, { replay, report })) return;
    byController(entry, report);
    checkGivenUp(entry, { replay, report });
    settle(entry, false, replay, report);
  },
  'late-result': (entry, replay, report) => {
    const { seq, requestId, host, atMs, detail } = entry;
    const known = replay.get<ReplayedHostOutcome>(['expected_hosts', requestId, host]);
    if (!known) return report('state', `${host} is late on request ${requestId} before it had an outcome`);
    if (entry.actor !== host) report('entry', `${entry.actor} speaks for ${host}`);
    const key = ['results', requestId, host, detail.attempt, 1] as const;
    if (replay.get(key)) return report('state', `${host} is late on request ${requestId} a second time`);
    replay.put(key, replayedResult(detail, atMs));
    replay.put(['expected_hosts', requestId, host], { ...known, lastSeq: seq } satisfies ReplayedHostOutcome);
  },
  'request-finished': (entry, replay, report) => {
    finish(entry, ['settled', 'finished'], { replay, report });
  },
  'request-expired': (entry, replay, report) => {
    finish(entry, ['expire', 'expired'], { replay, report });
    replayRolloutEnd(entry, 'stopped', replay);
  },
  'abort-made': (entry, replay, report) => {
    const { requestId, actor, atMs, detail } = entry;
    // The denies of a finished request are ended; the request stays finished.
    const request = inState(entry, [...ABORTABLE, 'finished'], { replay, report });
    if (!request) return;
    if (replay.get(['aborts', requestId]))
      return report('state', `request ${requestId} is stopped a second time`);
    byNewestTrust(entry, { replay, report });
    const { envelope, trust } = detail;
    const recorded: ReplayedAbort = {
      aborter: actor,
      envelope,
      trust,
      madeMs: atMs,
      publishedMs: null,
      endedMs: null,
    };
    replay.put(['aborts', requestId], recorded);
    if (request.state === 'finished') return;
    if (request.state === 'dispatched') moved(entry, 'abort', { replay, report });
    replayRolloutEnd(entry, 'aborted', replay);
  },
  'abort-published': (entry, replay, report) => {
    const { requestId, atMs } = entry;
    const abort = replay.get<ReplayedAbort>(['aborts', requestId]);
    if (!abort) return report('state', `an abort of request ${requestId} goes out, and nobody made one`);
    byController(entry, report);
    replay.put(['aborts', requestId], { ...abort, publishedMs: atMs });
  },
  'abort-obeyed': (entry, replay, report) => replayObeyed(entry, { replay, report }),
  'request-aborted': (entry, replay, report) => {
    const abort = replay.get<ReplayedAbort>(['aborts', entry.requestId]);
    if (abort) replay.put(['aborts', entry.requestId], { ...abort, endedMs: entry.atMs });
    else report('state', `request ${entry.requestId} ends as aborted, and nobody stopped it`);
    const state = replay.get<ReplayedRequest>(['requests', entry.requestId])?.state;
    finish(entry, [state === 'aborting' ? 'settled' : 'abort', 'aborted'], { replay, report });
  },
  'lease-taken': (entry, replay, report) => {
    const { requestId, detail } = entry;
    if (!replay.get(['requests', requestId]))
      report('state', `no entry records the making of request ${requestId}`);
    byController(entry, report);
    const { lease, epoch } = detail;
    const before = replay.get<ReplayedLease>(['lease-epoch', lease])?.epoch ?? 0;
    if (epoch <= before) report('state', `the lease ${lease} goes back from epoch ${before} to ${epoch}`);
    replay.put(['lease-epoch', lease], { epoch } satisfies ReplayedLease);
  },
  ...REPLAY_ROLLOUT,
  ...REPLAY_SIGNING,
  ...REPLAY_EMERGENCY,
  ...REPLAY_WITNESS,
  'checkpoint-conflict': ({ detail }, _notes, report) =>
    report('checkpoint', `${detail.holder} proved it then: ${detail.problem}`),
};

/** The people whose active decision this is. */
function activeSigners({ decisions }: ReplayedRequest, decision: ApprovalDecision): readonly string[] {
  return decisions
    .filter(each => each.decision === decision && !each.withdrawn)
    .map(({ approver }) => approver);
}

function decide(
  entry: ReplayedEntry<'approval-added' | 'rejection-added'>,
  decision: ApprovalDecision,
  sink: ReplaySink,
): void {
  const { requestId, actor, atMs, detail } = entry;
  const { replay, report } = sink;
  const request = inState(entry, DECIDED_IN[decision], sink);
  if (!request) return;
  byNewestTrust(entry, sink);
  if (request.decisions.some(({ approver, withdrawn }) => approver === actor && !withdrawn))
    return report('state', `${actor} decides about request ${requestId} a second time`);
  const key = ['approvals', requestId, actor, detail.token] as const;
  if (replay.get(key)) return report('state', `${actor} decides by a token that was withdrawn`);
  const { token, trust } = detail;
  const recorded: ReplayedDecision = { approver: actor, decision, token, atMs, trust };
  replay.put(key, recorded);
  replay.put(['requests', requestId], { ...request, decisions: [...request.decisions, recorded] });
}

function takeBack(
  entry: ReplayedEntry<'approval-withdrawn' | 'rejection-withdrawn'>,
  decision: ApprovalDecision,
  sink: ReplaySink,
): void {
  const { requestId, actor, atMs, detail } = entry;
  const { replay, report } = sink;
  const request = inState(entry, WITHDRAWN_IN, sink);
  if (!request) return;
  byNewestTrust(entry, sink);
  const key = ['approvals', requestId, actor, detail.token] as const;
  const recorded = replay.get<ReplayedDecision>(key);
  if (recorded?.decision !== decision || recorded.withdrawn)
    return report('state', `${actor} withdraws a decision about request ${requestId} that is not active`);
  const { withdrawal, trust } = detail;
  const after: ReplayedDecision = { ...recorded, withdrawn: { withdrawal, atMs, trust } };
  replay.put(key, after);
  const decisions = request.decisions.map(each => (each.token === recorded.token ? after : each));
  replay.put(['requests', requestId], { ...request, decisions });
}

/** A host obeys an abort. If it had not begun the call and has no outcome, this is how it ended. */
function replayObeyed(entry: ReplayedEntry<'abort-obeyed'>, { replay, report }: ReplaySink): void {
  const { requestId, host, actor, atMs, detail } = entry;
  if (!replay.get(['aborts', requestId]))
    return report('state', `${host} obeys an abort of request ${requestId} that nobody made`);
  if (actor !== host) report('entry', `${actor} speaks for ${host}`);
  const key = ['abort_statements', requestId, host] as const;
  if (replay.get(key)) return report('state', `${host} obeys the abort of ${requestId} a second time`);
  replay.put(key, { ...detail, atMs } satisfies ReplayedAbortStatement);
  const outcome = replay.get<ReplayedHostOutcome>(['expected_hosts', requestId, host])?.outcome ?? null;
  const isOpen = outcome === null || outcome === 'unreachable';
  if (isOpen && detail.progress === 'not-begun')
    settle({ ...entry, detail: { outcome: 'aborted' } }, false, replay, report);
}

/** Gives the host its one outcome; false if it has one. `unreachable` is not final. */
function settle(
  entry: AnyEntry & { readonly detail: { readonly outcome: Outcome; readonly attempt?: number } },
  bySelf: boolean,
  replay: ReplayState,
  report: ReportFinding,
): boolean {
  const { seq, requestId, host, detail } = entry;
  const { outcome } = detail;
  const key = ['expected_hosts', requestId, host] as const;
  const known = replay.get<ReplayedHostOutcome>(key);
  const before = known?.outcome ?? null;
  if (before !== null && before !== 'unreachable') {
    report('state', `${host} gets a second outcome for request ${requestId}`);
    return false;
  }
  const attempt = Math.max(known?.attempt ?? 1, detail.attempt ?? 1);
  const { unhealthy = null, wave } = known ?? {};
  replay.put(key, { outcome, bySelf, lastSeq: seq, attempt, unhealthy, wave } satisfies ReplayedHostOutcome);
  return countHost(replay, requestId, { from: before, to: outcome });
}

function replayedResult(detail: AuditDetail<'host-answered'>, atMs: number): ReplayedResult {
  const { result, signature, outcome } = detail;
  return { result, signature, outcome, atMs };
}

function finish(
  entry: AnyEntry & { readonly detail: Partial<Record<Outcome, number>> },
  [event, end]: readonly [RequestTransition, RequestState],
  sink: ReplaySink,
): void {
  const { report } = sink;
  const request = moved(entry, event, sink);
  if (!request) return;
  byController(entry, report);
  if (request.state !== end) report('state', `request ${entry.requestId} is ${request.state}, not ${end}`);
  if (request.settled !== request.hosts)
    report('state', `request ${entry.requestId} ends with ${request.settled} of ${request.hosts} outcomes`);
  const outcomes = new Set([...Object.keys(entry.detail), ...Object.keys(request.counts)] as Outcome[]);
  for (const outcome of outcomes)
    if ((entry.detail[outcome] ?? 0) !== (request.counts[outcome] ?? 0))
      report(
        'state',
        `it counts ${entry.detail[outcome] ?? 0} ${outcome}, and there were ${request.counts[outcome] ?? 0}`,
      );
}
