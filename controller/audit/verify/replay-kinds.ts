import type { RequestState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { AuditDetail, AuditKind, Scratch } from '../../store/index.ts';
import type { Complain } from './context.ts';
import type { ApprovalNote, HostNote, HostOutcomeNote, OrderNote, RequestNote, ResultNote } from './notes.ts';

/** An entry of the log whose detail has the right form; whether it may stand there is still to be seen. */
export interface ReplayedEntry<K extends AuditKind> {
  readonly seq: number;
  readonly atMs: number;
  readonly actor: string;
  /** Empty where the kind has none. */
  readonly requestId: string;
  readonly host: string;
  readonly detail: AuditDetail<K>;
}

type Replay<K extends AuditKind> = (entry: ReplayedEntry<K>, notes: Scratch, complain: Complain) => void;

const CONTROLLER = 'controller';
/** Outcomes that the controller itself may give a host. */
const GIVEN_UP: readonly Outcome[] = ['expired', 'unreachable'];

/**
 * What each kind of entry means: in which state it may come, and what rows must be there because of it. A new kind of
 * entry needs its line here, or this does not compile.
 */
export const REPLAY_KINDS: { readonly [K in AuditKind]: Replay<K> } = {
  'host-registered': ({ host, actor, atMs, detail }, notes, complain) => {
    if (notes.get(['hosts', host])) return complain('state', `${host} is registered a second time`);
    if (actor !== host) complain('entry', `${actor} registers ${host}`);
    notes.put(['hosts', host], { ...detail, firstSeenMs: atMs, factsMs: atMs } satisfies HostNote);
  },
  'host-facts': ({ host, actor, atMs, detail }, notes, complain) => {
    const known = notes.get<HostNote>(['hosts', host]);
    if (!known) return complain('state', `${host} says new facts without ever having been registered`);
    if (actor !== host) complain('entry', `${actor} says the facts of ${host}`);
    notes.put(['hosts', host], { ...known, ...detail, factsMs: atMs } satisfies HostNote);
  },
  'request-created': ({ seq, requestId, actor, detail }, notes, complain) => {
    if (notes.get(['requests', requestId]))
      return complain('state', `request ${requestId} is made a second time`);
    const fresh = { state: 'pending', settled: 0, counts: {}, approvals: [], attempts: [] } as const;
    notes.put(['requests', requestId], { ...detail, ...fresh, requester: actor, createdSeq: seq });
  },
  'approval-added': (entry, notes, complain) => {
    const { requestId, actor, atMs, detail } = entry;
    const request = inState(entry, notes, complain, ['pending']);
    if (!request) return;
    if (notes.get(['approvals', requestId, actor]))
      return complain('state', `${actor} approves request ${requestId} a second time`);
    const { token, trust } = detail;
    notes.put(['approvals', requestId, actor], { token, atMs, trust } satisfies ApprovalNote);
    notes.put(['requests', requestId], {
      ...request,
      approvals: [...request.approvals, { approver: actor, token }],
    });
  },
  'request-approved': (entry, notes, complain) => {
    const request = inState(entry, notes, complain, ['pending']);
    if (!request) return;
    byController(entry, complain);
    const known = new Set(request.approvals.map(({ approver }) => approver));
    for (const approver of entry.detail.approvers)
      if (!known.has(approver)) complain('state', `${approver} is counted, and never approved`);
    notes.put(['requests', entry.requestId], { ...request, state: 'approved' });
  },
  'order-made': (entry, notes, complain) => {
    const { requestId, atMs, detail } = entry;
    const request = inState(entry, notes, complain, ['approved']);
    if (!request) return;
    byController(entry, complain);
    const { order, attempt, envelope, trust } = detail;
    if (notes.get(['orders', order])) return complain('state', `order ${order} is made a second time`);
    if (request.attempts.includes(attempt)) complain('state', `attempt ${attempt} is ordered a second time`);
    const approvals = request.approvals.map(({ token }) => token);
    const note: OrderNote = {
      requestId,
      attempt,
      envelope,
      trust,
      madeMs: atMs,
      publishedMs: null,
      approvals,
    };
    notes.put(['orders', order], note);
    notes.put(['requests', requestId], {
      ...request,
      state: 'dispatched',
      attempts: [...request.attempts, attempt],
    });
  },
  'order-published': (entry, notes, complain) => {
    const { requestId, atMs, detail } = entry;
    const order = notes.get<OrderNote>(['orders', detail.order]);
    if (order?.requestId !== requestId)
      return complain('state', `order ${detail.order} goes out without having been made`);
    byController(entry, complain);
    notes.put(['orders', detail.order], { ...order, publishedMs: atMs });
  },
  'host-settled': (entry, notes, complain) => {
    const { requestId, host, atMs, detail } = entry;
    if (!inState(entry, notes, complain, ['dispatched'])) return;
    if (entry.actor !== host) complain('entry', `${entry.actor} speaks for ${host}`);
    if (!settle(entry, true, notes, complain)) return;
    notes.put(['results', requestId, host, detail.attempt, 0], resultNote(detail, atMs));
  },
  'host-given-up': (entry, notes, complain) => {
    if (!inState(entry, notes, complain, ['pending', 'approved', 'dispatched'])) return;
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
    notes.put(['expected_hosts', requestId, host], { ...known, lastSeq: seq });
  },
  'request-finished': (entry, notes, complain) =>
    finish(entry, 'finished', ['dispatched'], { notes, complain }),
  'request-expired': (entry, notes, complain) =>
    finish(entry, 'expired', ['pending', 'approved'], { notes, complain }),
  'checkpoint-conflict': ({ detail }, _notes, complain) =>
    complain('checkpoint', `${detail.holder} proved it then: ${detail.problem}`),
};

type AnyEntry = Pick<ReplayedEntry<AuditKind>, 'seq' | 'requestId' | 'host' | 'actor'>;

function inState(
  { requestId }: AnyEntry,
  notes: Scratch,
  complain: Complain,
  states: readonly RequestState[],
): RequestNote | undefined {
  const request = notes.get<RequestNote>(['requests', requestId]);
  if (!request) complain('state', `nothing tells of the making of request ${requestId}`);
  else if (!states.includes(request.state))
    complain(
      'state',
      `request ${requestId} is ${request.state} by then, and would have to be ${states.join(' or ')}`,
    );
  else return request;
  return undefined;
}

function byController({ actor }: AnyEntry, complain: Complain): void {
  if (actor !== CONTROLLER) complain('entry', `${actor} does what only the controller can`);
}

/** Gives the host its one outcome; false where it has one. */
function settle(
  { seq, requestId, host, detail }: AnyEntry & { readonly detail: { readonly outcome: Outcome } },
  ownWord: boolean,
  notes: Scratch,
  complain: Complain,
): boolean {
  const { outcome } = detail;
  if (notes.get(['expected_hosts', requestId, host])) {
    complain('state', `${host} gets a second outcome for request ${requestId}`);
    return false;
  }
  notes.put(['expected_hosts', requestId, host], {
    outcome,
    ownWord,
    lastSeq: seq,
  } satisfies HostOutcomeNote);
  const request = notes.get<RequestNote>(['requests', requestId]);
  if (!request) return false;
  request.settled += 1;
  request.counts[outcome] = (request.counts[outcome] ?? 0) + 1;
  notes.put(['requests', requestId], request);
  return true;
}

function resultNote(detail: AuditDetail<'host-settled'>, atMs: number): ResultNote {
  const { result, signature, outcome } = detail;
  return { result, signature, outcome, atMs };
}

function finish(
  entry: AnyEntry & { readonly detail: Partial<Record<Outcome, number>> },
  to: RequestState,
  from: readonly RequestState[],
  { notes, complain }: { readonly notes: Scratch; readonly complain: Complain },
): void {
  const request = inState(entry, notes, complain, from);
  if (!request) return;
  byController(entry, complain);
  if (request.settled !== request.hosts)
    complain('state', `request ${entry.requestId} ends with ${request.settled} of ${request.hosts} outcomes`);
  const outcomes = new Set([...Object.keys(entry.detail), ...Object.keys(request.counts)] as Outcome[]);
  for (const outcome of outcomes)
    if ((entry.detail[outcome] ?? 0) !== (request.counts[outcome] ?? 0))
      complain(
        'state',
        `it counts ${entry.detail[outcome] ?? 0} ${outcome}, and there were ${request.counts[outcome] ?? 0}`,
      );
  notes.put(['requests', entry.requestId], { ...request, state: to });
}
