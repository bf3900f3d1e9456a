import type { RequestState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import {
  type AuditDetail,
  type AuditKind,
  DECIDED_IN,
  type Decision,
  type RequestEvent,
  type Scratch,
  TRANSITIONS,
  WITHDRAWN_IN,
} from '../../store/index.ts';
import type { Complain } from './context.ts';
import type {
  AbortNote,
  DecisionNote,
  HostNote,
  HostOutcomeNote,
  JoinedNote,
  LeaseNote,
  NewestTrustNote,
  OrderNote,
  PlanNote,
  RequestNote,
  ResultNote,
  TrustNote,
  WaveNote,
} from './notes.ts';
import { byActiveKey, REPLAY_ENROLMENT } from './replay-enrolment.ts';
import { type AnyEntry, byController, inState, moved } from './replay-request.ts';
import {
  beginAnswering,
  beginRollout,
  countHost,
  endRollout,
  finishOld,
  orderWave,
  REPLAY_ROLLOUT,
} from './replay-rollout.ts';
import { REPLAY_SIGNING } from './replay-signing.ts';
import type { Replay, ReplayedEntry, Telling } from './replayed-entry.ts';

const ROOTS = 'roots';
/** How long after a newer bundle something may still be judged by the one before: it may have been under way. */
const OLD_TRUST_MS = 60_000;
/** Outcomes that the controller itself may give a host. */
const GIVEN_UP: readonly Outcome[] = ['expired', 'unreachable'];
/** What can be stopped still. */
const ABORTABLE = Object.keys(TRANSITIONS.abort) as RequestState[];
/** States of a request of which hosts may have no outcome yet. */
const OPEN: readonly RequestState[] = [...ABORTABLE, 'aborting'];

/**
 * What each kind of entry means: in which state it may come, and what rows must be there because of it. A new kind of
 * entry needs its line here, or this does not compile.
 */
export const REPLAY_KINDS: { readonly [K in AuditKind]: Replay<K> } = {
  'host-registered': ({ host, actor, atMs, detail }, notes, complain) => {
    if (notes.get(['hosts', host])) return complain('state', `${host} is registered a second time`);
    if (actor !== host) complain('entry', `${actor} registers ${host}`);
    byActiveKey(host, detail, { notes, complain });
    notes.put(['hosts', host], { ...detail, firstSeenMs: atMs, factsMs: atMs } satisfies HostNote);
  },
  'host-facts': ({ host, actor, atMs, detail }, notes, complain) => {
    const known = notes.get<HostNote>(['hosts', host]);
    if (!known) return complain('state', `${host} says new facts without ever having been registered`);
    if (actor !== host) complain('entry', `${actor} says the facts of ${host}`);
    byActiveKey(host, detail, { notes, complain });
    notes.put(['hosts', host], { ...known, ...detail, factsMs: atMs } satisfies HostNote);
  },
  ...REPLAY_ENROLMENT,
  'trust-accepted': ({ actor, atMs, detail }, notes, complain) => {
    const { version, digest, signers } = detail;
    const newest = notes.get<NewestTrustNote>(['newest-trust'])?.version ?? 0;
    if (version <= newest) return complain('state', `trust bundle ${version} comes after ${newest}`);
    if (actor !== ROOTS) complain('entry', `${actor} makes trust bundles count`);
    notes.put(['trust_bundles', version], { digest, signers, atMs } satisfies TrustNote);
    notes.put(['newest-trust'], { version, atMs } satisfies NewestTrustNote);
  },
  'console-signed-in': () => undefined,
  'plan-made': ({ actor, atMs, detail }, notes, complain) => {
    const { plan, ...said } = detail;
    if (notes.get(['plans', plan])) return complain('state', `plan ${plan} is made a second time`);
    notes.put(['plans', plan], { ...said, madeBy: actor, atMs } satisfies PlanNote);
    notes.put(['plan-digest', detail.digest], { atMs });
  },
  'request-created': (entry, notes, complain) => {
    const { seq, requestId, actor, detail } = entry;
    if (notes.get(['requests', requestId]))
      return complain('state', `request ${requestId} is made a second time`);
    const { waves: _waves, answerWithinMs: _within, ...said } = detail;
    const fresh = {
      state: 'pending',
      joined: 0,
      answering: 0,
      settled: 0,
      counts: {},
      decisions: [],
      ordered: [],
    } as const;
    const withWaves = detail.waves !== undefined;
    notes.put(['requests', requestId], { ...said, ...fresh, withWaves, requester: actor, createdSeq: seq });
    beginRollout(entry, notes);
  },
  'host-joined': (entry, notes, complain) => {
    const { seq, requestId, host, detail } = entry;
    const request = inState(entry, ABORTABLE, { notes, complain });
    if (!request) return;
    byController(entry, complain);
    if (notes.get(['joined', requestId, host]) || notes.get(['expected_hosts', requestId, host]))
      return complain('state', `${host} joins request ${requestId} a second time`);
    notes.put(['joined', requestId, host], { ...detail, seq } satisfies JoinedNote);
    const wave = notes.get<WaveNote>(['waves', requestId, detail.wave]);
    if (!wave)
      complain('state', `${host} joins wave ${detail.wave}, which request ${requestId} does not have`);
    else notes.put(['waves', requestId, detail.wave], { ...wave, hosts: wave.hosts + 1 });
    notes.put(['requests', requestId], {
      ...request,
      hosts: request.hosts + 1,
      joined: request.joined + (detail.answers ? 0 : 1),
      answering: request.answering + (detail.answers ? 1 : 0),
    });
  },
  'approval-added': (entry, notes, complain) => decide(entry, 'approve', { notes, complain }),
  'rejection-added': (entry, notes, complain) => decide(entry, 'reject', { notes, complain }),
  'approval-withdrawn': (entry, notes, complain) => takeBack(entry, 'approve', { notes, complain }),
  'rejection-withdrawn': (entry, notes, complain) => takeBack(entry, 'reject', { notes, complain }),
  'request-rejected': (entry, notes, complain) => {
    const request = moved(entry, 'reject', { notes, complain });
    if (request && !standing(request, 'reject').includes(entry.actor))
      complain('state', `${entry.actor} did not reject request ${entry.requestId}`);
  },
  'request-reopened': (entry, notes, complain) => {
    const request = moved(entry, 'reopen', { notes, complain });
    if (request && standing(request, 'reject').length > 0)
      complain('state', `request ${entry.requestId} is open again while a rejection stands`);
  },
  'request-approved': (entry, notes, complain) => {
    const request = moved(entry, 'enough', { notes, complain });
    if (!request) return;
    byController(entry, complain);
    byNewestTrust(entry, { notes, complain });
    if (standing(request, 'reject').length > 0) complain('state', 'a rejection stood, and was passed over');
    const known = new Set(standing(request, 'approve'));
    for (const approver of entry.detail.approvers)
      if (!known.has(approver)) complain('state', `${approver} is counted, and no approval of his stands`);
  },
  'order-made': (entry, notes, complain) => {
    const { requestId, atMs, detail } = entry;
    const { order, attempt, wave = 1, envelope, trust } = detail;
    const known = notes.get<RequestNote>(['requests', requestId]);
    const isFirst = known?.state !== 'dispatched' || detail.wave === undefined;
    const telling = { notes, complain };
    const request = isFirst ? moved(entry, 'order', telling) : inState(entry, ['dispatched'], telling);
    if (!request) return;
    byController(entry, complain);
    byNewestTrust(entry, telling);
    if (notes.get(['orders', order])) return complain('state', `order ${order} is made a second time`);
    if (request.ordered.includes(`${attempt}/${wave}`))
      complain('state', `attempt ${attempt} is ordered a second time for wave ${wave}`);
    orderWave(entry, telling);
    const { decisions } = request;
    const made = { requestId, attempt, wave, envelope, trust, madeMs: atMs, publishedMs: null, decisions };
    notes.put(['orders', order], made satisfies OrderNote);
    notes.put(['requests', requestId], { ...request, ordered: [...request.ordered, `${attempt}/${wave}`] });
  },
  'order-published': (entry, notes, complain) => {
    const { requestId, atMs, detail } = entry;
    const order = notes.get<OrderNote>(['orders', detail.order]);
    if (order?.requestId !== requestId)
      return complain('state', `order ${detail.order} goes out without having been made`);
    byController(entry, complain);
    notes.put(['orders', detail.order], { ...order, publishedMs: atMs });
    beginAnswering(entry, order.wave, notes);
  },
  'host-settled': (entry, notes, complain) => {
    const { requestId, host, atMs, detail } = entry;
    if (!inState(entry, ['dispatched', 'aborting'], { notes, complain })) return;
    if (entry.actor !== host) complain('entry', `${entry.actor} speaks for ${host}`);
    if (!settle(entry, true, notes, complain)) return;
    notes.put(['results', requestId, host, detail.attempt, 0], resultNote(detail, atMs));
  },
  'host-given-up': (entry, notes, complain) => {
    if (!inState(entry, OPEN, { notes, complain })) return;
    byController(entry, complain);
    if (!GIVEN_UP.includes(entry.detail.outcome))
      complain('entry', `only ${entry.host} itself can say that the call ended as ${entry.detail.outcome}`);
    settle(entry, false, notes, complain);
  },
  'late-result': (entry, notes, complain) => {
    const { seq, requestId, host, atMs, detail } = entry;
    const known = notes.get<HostOutcomeNote>(['expected_hosts', requestId, host]);
    if (!known) return complain('state', `${host} is late on request ${requestId} before it had an outcome`);
    if (entry.actor !== host) complain('entry', `${entry.actor} speaks for ${host}`);
    const key = ['results', requestId, host, detail.attempt, 1] as const;
    if (notes.get(key)) return complain('state', `${host} is late on request ${requestId} a second time`);
    notes.put(key, resultNote(detail, atMs));
    notes.put(['expected_hosts', requestId, host], { ...known, lastSeq: seq } satisfies HostOutcomeNote);
  },
  'request-finished': (entry, notes, complain) => {
    finish(entry, ['settled', 'finished'], { notes, complain });
    finishOld(entry, notes);
  },
  'request-expired': (entry, notes, complain) => {
    finish(entry, ['expire', 'expired'], { notes, complain });
    endRollout(entry, 'stopped', notes);
  },
  'abort-made': (entry, notes, complain) => {
    const { requestId, actor, atMs, detail } = entry;
    const request = inState(entry, ABORTABLE, { notes, complain });
    if (!request) return;
    if (notes.get(['aborts', requestId]))
      return complain('state', `request ${requestId} is stopped a second time`);
    byNewestTrust(entry, { notes, complain });
    const { envelope, trust } = detail;
    const note: AbortNote = { aborter: actor, envelope, trust, madeMs: atMs, publishedMs: null };
    notes.put(['aborts', requestId], note);
    if (request.state === 'dispatched') moved(entry, 'abort', { notes, complain });
    endRollout(entry, 'aborted', notes);
  },
  'abort-published': (entry, notes, complain) => {
    const { requestId, atMs } = entry;
    const abort = notes.get<AbortNote>(['aborts', requestId]);
    if (!abort) return complain('state', `an abort of request ${requestId} goes out, and nobody made one`);
    byController(entry, complain);
    notes.put(['aborts', requestId], { ...abort, publishedMs: atMs });
  },
  'request-aborted': (entry, notes, complain) => {
    if (!notes.get(['aborts', entry.requestId]))
      complain('state', `request ${entry.requestId} ends as aborted, and nobody stopped it`);
    const state = notes.get<RequestNote>(['requests', entry.requestId])?.state;
    finish(entry, [state === 'aborting' ? 'settled' : 'abort', 'aborted'], { notes, complain });
  },
  'lease-taken': (entry, notes, complain) => {
    const { requestId, detail } = entry;
    if (!notes.get(['requests', requestId]))
      complain('state', `nothing tells of the making of request ${requestId}`);
    byController(entry, complain);
    const { lease, epoch } = detail;
    const before = notes.get<LeaseNote>(['lease-epoch', lease])?.epoch ?? 0;
    if (epoch <= before) complain('state', `the lease ${lease} goes back from epoch ${before} to ${epoch}`);
    notes.put(['lease-epoch', lease], { epoch } satisfies LeaseNote);
  },
  ...REPLAY_ROLLOUT,
  ...REPLAY_SIGNING,
  'checkpoint-conflict': ({ detail }, _notes, complain) =>
    complain('checkpoint', `${detail.holder} proved it then: ${detail.problem}`),
};

/** Persons of whom such a decision stands. */
function standing({ decisions }: RequestNote, decision: Decision): readonly string[] {
  return decisions
    .filter(each => each.decision === decision && !each.withdrawn)
    .map(({ approver }) => approver);
}

function decide(
  entry: ReplayedEntry<'approval-added' | 'rejection-added'>,
  decision: Decision,
  telling: Telling,
): void {
  const { requestId, actor, atMs, detail } = entry;
  const { notes, complain } = telling;
  const request = inState(entry, DECIDED_IN[decision], telling);
  if (!request) return;
  byNewestTrust(entry, telling);
  if (request.decisions.some(({ approver, withdrawn }) => approver === actor && !withdrawn))
    return complain('state', `${actor} decides about request ${requestId} a second time`);
  const key = ['approvals', requestId, actor, detail.token] as const;
  if (notes.get(key)) return complain('state', `${actor} decides by a token that he took back`);
  const { token, trust } = detail;
  const note: DecisionNote = { approver: actor, decision, token, atMs, trust };
  notes.put(key, note);
  notes.put(['requests', requestId], { ...request, decisions: [...request.decisions, note] });
}

function takeBack(
  entry: ReplayedEntry<'approval-withdrawn' | 'rejection-withdrawn'>,
  decision: Decision,
  telling: Telling,
): void {
  const { requestId, actor, atMs, detail } = entry;
  const { notes, complain } = telling;
  const request = inState(entry, WITHDRAWN_IN, telling);
  if (!request) return;
  byNewestTrust(entry, telling);
  const key = ['approvals', requestId, actor, detail.token] as const;
  const note = notes.get<DecisionNote>(key);
  if (note?.decision !== decision || note.withdrawn)
    return complain('state', `${actor} takes back what does not stand about request ${requestId}`);
  const { withdrawal, trust } = detail;
  const after: DecisionNote = { ...note, withdrawn: { withdrawal, atMs, trust } };
  notes.put(key, after);
  const decisions = request.decisions.map(each => (each.token === note.token ? after : each));
  notes.put(['requests', requestId], { ...request, decisions });
}

/**
 * Threat: somebody who left a bundle is made to count by naming the old one. What is done goes by the bundle of its time.
 */
function byNewestTrust(
  { atMs, detail: { trust } }: { readonly atMs: number; readonly detail: { readonly trust: number } },
  { notes, complain }: Telling,
): void {
  if (!notes.get(['trust_bundles', trust]))
    return complain('trust', `it goes by trust bundle ${trust}, which did not count by then`);
  const newest = notes.get<NewestTrustNote>(['newest-trust']);
  if (newest && newest.version > trust && newest.atMs + OLD_TRUST_MS < atMs)
    complain('trust', `it goes by trust bundle ${trust}, and ${newest.version} counted by then`);
}

/** Gives the host its one outcome; false where it has one. `unreachable` is none that stays. */
function settle(
  entry: AnyEntry & { readonly detail: { readonly outcome: Outcome; readonly attempt?: number } },
  ownWord: boolean,
  notes: Scratch,
  complain: Complain,
): boolean {
  const { seq, requestId, host, detail } = entry;
  const { outcome } = detail;
  const key = ['expected_hosts', requestId, host] as const;
  const known = notes.get<HostOutcomeNote>(key);
  const before = known?.outcome ?? null;
  if (before !== null && before !== 'unreachable') {
    complain('state', `${host} gets a second outcome for request ${requestId}`);
    return false;
  }
  const attempt = Math.max(known?.attempt ?? 1, detail.attempt ?? 1);
  const { unhealthy = null, wave } = known ?? {};
  notes.put(key, { outcome, ownWord, lastSeq: seq, attempt, unhealthy, wave } satisfies HostOutcomeNote);
  return countHost(notes, requestId, { from: before, to: outcome });
}

function resultNote(detail: AuditDetail<'host-settled'>, atMs: number): ResultNote {
  const { result, signature, outcome } = detail;
  return { result, signature, outcome, atMs };
}

function finish(
  entry: AnyEntry & { readonly detail: Partial<Record<Outcome, number>> },
  [event, end]: readonly [RequestEvent, RequestState],
  telling: Telling,
): void {
  const { complain } = telling;
  const request = moved(entry, event, telling);
  if (!request) return;
  byController(entry, complain);
  if (request.state !== end) complain('state', `request ${entry.requestId} is ${request.state}, not ${end}`);
  if (request.settled !== request.hosts)
    complain('state', `request ${entry.requestId} ends with ${request.settled} of ${request.hosts} outcomes`);
  const outcomes = new Set([...Object.keys(entry.detail), ...Object.keys(request.counts)] as Outcome[]);
  for (const outcome of outcomes)
    if ((entry.detail[outcome] ?? 0) !== (request.counts[outcome] ?? 0))
      complain(
        'state',
        `it counts ${entry.detail[outcome] ?? 0} ${outcome}, and there were ${request.counts[outcome] ?? 0}`,
      );
}
