import type { AuditDetail, AuditKind, AuditTable } from '../store/index.ts';
import type { EventKind } from './kinds/index.ts';

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
