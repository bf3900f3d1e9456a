import type { AuditDetail, AuditKind, AuditTable } from '../store/index.ts';

/** The text and the facts of an event; `text` continues after the request's name. */
export interface EventText {
  readonly kind: EventKind;
  readonly text: string;
  /** Numbers and names, no program and no value. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** The entry of the log that an event is about. */
export type NotifiableEntry<K extends AuditKind> = Pick<AuditTable, 'actor'> & {
  readonly detail: AuditDetail<K>;
  /** The reason of a rejection or an abort; the log has only its digest. */
  readonly reason: string | undefined;
};

/** The kinds of events that webhooks can be sent, each with its meaning. */
export const EVENTS = {
  'request-created': 'somebody requested a call',
  'approval-added': 'an approver approved the request',
  'rejection-added': 'an approver rejected the request; nothing runs until they take that back',
  'approval-withdrawn': 'an approver took their approval back',
  'rejection-withdrawn': 'an approver took their rejection back',
  'emergency-begun': 'an emergency was approved; every webhook gets this, whatever kinds it asks for',
  'emergency-reviewed': 'somebody who was not in an emergency reviewed it',
  'emergency-overdue': 'an emergency was not reviewed in time; every webhook gets this too',
  'request-approved': 'enough approvers approved the request',
  'wave-started': 'a wave was ordered',
  'wave-passed': 'a wave passed its gate, and the rollout continues by itself',
  'awaiting-promotion': 'a wave passed its gate, and the next waits for a person',
  'rollout-stopped': 'a gate failed, or the life of the request ended before its last wave',
  'rollout-paused': 'a person paused the rollout',
  'rollout-resumed': 'a person resumed the rollout',
  'rollout-promoted': 'a person sent the next wave',
  'rollout-retried': 'a person let hosts try again',
  'abort-made': 'a person aborted the request',
  'request-aborted': 'the request was aborted, and every host has its outcome',
  'request-finished': 'every host has its outcome',
  'request-expired': 'the life of the request ended before it was ordered, so nothing ran',
  'checkpoint-conflict': 'somebody holds a signed checkpoint that the audit log contradicts',
} as const;

/** Events that no webhook can leave out. */
export const ALARMS: readonly EventKind[] = ['emergency-begun', 'emergency-overdue'];

/** A kind of event. */
export type EventKind = keyof typeof EVENTS;

/** All of them. */
export const EVENT_KINDS = Object.keys(EVENTS) as [EventKind, ...EventKind[]];

type EventFormatters = { readonly [K in AuditKind]?: (entry: NotifiableEntry<K>) => EventText | undefined };

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** `3 returned, 1 faulted`. */
function tally(outcomes: Readonly<Partial<Record<string, number>>>): string {
  const some = Object.entries(outcomes).filter(([, hosts]) => hosts !== undefined && hosts > 0);
  return some.map(([outcome, hosts]) => `${hosts} ${outcome}`).join(', ') || 'no host';
}

/**
 * How each kind of entry is told. Entries of other kinds are of no interest to people who are not looking.
 */
export const EVENT_FORMATTERS: EventFormatters = {
  'request-created': ({ actor, detail: { hosts, waves = [] } }) => ({
    kind: 'request-created',
    text: `made by ${actor} for ${plural(hosts, 'host')}${waves.length > 1 ? ` in ${waves.length} waves` : ''}`,
    facts: { hosts, waves: Math.max(1, waves.length) },
  }),
  'approval-added': ({ actor }) => ({ kind: 'approval-added', text: `approved by ${actor}` }),
  'rejection-added': ({ actor, reason }) => ({
    ...{ kind: 'rejection-added', text: `rejected by ${actor}${because(reason)}`, facts: reasonOf(reason) },
  }),
  'approval-withdrawn': ({ actor }) => ({
    ...{ kind: 'approval-withdrawn', text: `${actor} took the approval back` },
  }),
  'rejection-withdrawn': ({ actor }) => ({
    ...{ kind: 'rejection-withdrawn', text: `${actor} took the rejection back` },
  }),
  'request-approved': ({ detail: { approvers } }) => ({
    ...{
      kind: 'request-approved',
      text: `has enough approvals (${approvers.join(', ')})`,
      facts: { approvers },
    },
  }),
  'emergency-begun': ({ detail: { dueAtMs, reviewers } }) => ({
    kind: 'emergency-begun',
    text: `EMERGENCY: approved; ${reviewers === 1 ? 'one person' : `${reviewers} people`} must review it by ${new Date(dueAtMs).toISOString()}`,
    facts: { dueAtMs, reviewers },
  }),
  'emergency-reviewed': ({ actor, detail: { verdict, enough } }) => ({
    kind: 'emergency-reviewed',
    text: `${actor} reviewed the emergency and ${verdict === 'accept' ? 'accepts it' : 'OBJECTS'}`,
    facts: { verdict, enough },
  }),
  'emergency-overdue': () => ({
    ...{ kind: 'emergency-overdue', text: 'EMERGENCY: it was not reviewed in time' },
  }),
  'wave-started': ({ detail: { wave } }) => ({
    ...{ kind: 'wave-started', text: `wave ${wave} started`, facts: { wave } },
  }),
  'wave-ended'({ detail: { wave, verdict, outcomes, failed, unhealthy, state } }) {
    // A gate that failed stops the rollout, which is an entry of its own, with the reason.
    if (verdict === 'failed') return undefined;
    const waits = state === 'awaiting-promotion';
    const kind = waits ? 'awaiting-promotion' : 'wave-passed';
    const text = `wave ${wave} passed (${tally(outcomes)})${waits ? '; the next waits for farcall promote' : ''}`;
    return { kind, text, facts: { wave, outcomes, failed, unhealthy } };
  },
  'rollout-stopped': ({ detail: { wave, reason } }) => ({
    ...{ kind: 'rollout-stopped', text: `stopped${because(reason)}`, facts: { wave, reason } },
  }),
  'rollout-paused': ({ actor, detail: { wave, reason } }) => ({
    ...{ kind: 'rollout-paused', text: `paused by ${actor}${because(reason)}`, facts: { wave, reason } },
  }),
  'rollout-resumed': ({ actor, detail: { wave, reason } }) => ({
    ...{ kind: 'rollout-resumed', text: `resumed by ${actor}${because(reason)}`, facts: { wave, reason } },
  }),
  'rollout-promoted': ({ actor, detail: { wave, reason } }) => ({
    ...{ kind: 'rollout-promoted', text: `promoted by ${actor}${because(reason)}`, facts: { wave, reason } },
  }),
  'rollout-retried': ({ actor, detail: { wave, reason, attempt, only, hosts } }) => ({
    kind: 'rollout-retried',
    text: `retried by ${actor} on ${plural(hosts, 'host')} that ended ${only.join(', ')}${because(reason)}`,
    facts: { wave, reason, attempt, only, hosts },
  }),
  'abort-made': ({ actor, reason }) => ({
    ...{ kind: 'abort-made', text: `aborted by ${actor}${because(reason)}`, facts: reasonOf(reason) },
  }),
  'request-aborted': ({ detail }) => ({
    ...{ kind: 'request-aborted', text: `aborted and over (${tally(detail)})`, facts: { outcomes: detail } },
  }),
  'request-finished': ({ detail }) => ({
    ...{ kind: 'request-finished', text: `finished (${tally(detail)})`, facts: { outcomes: detail } },
  }),
  'request-expired': ({ detail }) => ({
    ...{ kind: 'request-expired', text: 'expired before it was ordered', facts: { outcomes: detail } },
  }),
  'checkpoint-conflict': ({ detail: { holder, seq, problem } }) => ({
    kind: 'checkpoint-conflict',
    text: `the audit log contradicts a checkpoint that ${holder} holds: ${problem}`,
    facts: { holder, entry: seq, problem },
  }),
};

function because(reason: string | undefined): string {
  return reason ? `: ${reason}` : '';
}

function reasonOf(reason: string | undefined): Readonly<Record<string, unknown>> {
  return reason ? { reason } : {};
}

/** The kinds of entries that can become one of `kinds`. */
export function entriesFor(kinds: readonly EventKind[]): readonly AuditKind[] {
  const wanted = new Set<string>(kinds);
  const isWaveEnd = wanted.has('wave-passed') || wanted.has('awaiting-promotion');
  return (Object.keys(EVENT_FORMATTERS) as AuditKind[]).filter(kind =>
    kind === 'wave-ended' ? isWaveEnd : wanted.has(kind),
  );
}
