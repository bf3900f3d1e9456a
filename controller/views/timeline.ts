import { z } from 'zod';
import { ABORTED_PROGRESS, type AbortedProgress, type AuditEntryView } from '../../shared/messages/index.ts';
import { OUTCOME_NAMES, type Outcome } from '../../shared/outcome/index.ts';
import { formatDuration } from './duration.ts';
import type { TimelineEvent } from './json/index.ts';
import { printable } from './printable.ts';
import { hostCount, sumsText } from './sums.ts';

/** The members of entries about requests that a timeline shows; `farcall audit show` has the others. */
const detailSchema = z.object({
  hosts: z.union([z.number(), z.array(z.unknown())]).optional(),
  outcome: z.enum(OUTCOME_NAMES).optional(),
  progress: z.enum(ABORTED_PROGRESS).optional(),
  outcomes: z.record(z.string(), z.number()).optional(),
  attempt: z.number().optional(),
  wave: z.number().optional(),
  holder: z.string().optional(),
  reason: z.string().optional(),
  verdict: z.string().optional(),
  failed: z.number().optional(),
  unhealthy: z.number().optional(),
  only: z.array(z.string()).optional(),
});

/** The members of an entry's detail that sentences show. */
export type Detail = z.infer<typeof detailSchema>;

/** The text for each kind of entry about a request as a whole; others are shown by their names. */
export const TEXTS: Readonly<Record<string, (entry: AuditEntryView, detail: Detail) => string>> = {
  'request-created': ({ actor }, { hosts }) => `made by ${actor} for ${hostCount(countOf(hosts))}`,
  'approval-added': ({ actor }) => `approved by ${actor}`,
  'rejection-added': ({ actor }) => `rejected by ${actor}`,
  'approval-withdrawn': ({ actor }) => `${actor} took the approval back`,
  'rejection-withdrawn': ({ actor }) => `${actor} took the rejection back`,
  'request-rejected': () => 'blocked by the rejection',
  'request-reopened': () => 'waits for approvals again',
  'request-approved': () => 'enough people approved',
  'order-made': (_entry, { attempt, wave }) =>
    `ordered${wave ? `, wave ${wave}` : ''}${attempt && attempt > 1 ? `, attempt ${attempt}` : ''}`,
  'order-published': () => 'the broker has the order',
  'abort-made': ({ actor }) => `aborted by ${actor}`,
  'abort-published': () => 'the broker has the abort',
  'lease-taken': (_entry, { holder }) => `driven by ${holder?.split(' ')[0]}`,
  'wave-started': (_entry, { wave }) => `wave ${wave} begins`,
  'wave-passed-over': (_entry, { wave }) => `wave ${wave} has no hosts left`,
  'wave-answered': (_entry, { wave }) => `wave ${wave} answered and is being watched`,
  'wave-ended': (_entry, { wave, verdict, outcomes, failed, unhealthy }) =>
    `wave ${wave} ${verdict}: ${countsText(outcomes)}; ${failed} failed${unhealthy ? `, ${unhealthy} unhealthy` : ''}`,
  'hosts-unhealthy': (_entry, { wave, hosts }) =>
    `${hostCount(countOf(hosts))} of wave ${wave} unhealthy afterwards`,
  'rollout-stopped': (_entry, { wave, reason }) => `stopped at wave ${wave}: ${reason}`,
  'rollout-paused': ({ actor }, { wave, reason }) => `paused by ${actor} at wave ${wave}: ${reason}`,
  'rollout-resumed': ({ actor }, { wave, reason }) => `resumed by ${actor} at wave ${wave}: ${reason}`,
  'rollout-promoted': ({ actor }, { wave, reason }) => `promoted by ${actor} after wave ${wave}: ${reason}`,
  'rollout-retried': ({ actor }, { attempt, only, hosts, reason }) =>
    `attempt ${attempt} by ${actor} for ${hostCount(countOf(hosts))} (${(only ?? []).join(', ')}): ${reason}`,
  'rollout-done': () => 'no wave is left',
  'request-finished': (_entry, detail) => `finished${countsOfAll(detail)}`,
  'request-expired': (_entry, detail) => `expired before it was ordered${countsOfAll(detail)}`,
  'request-aborted': (_entry, detail) => `ended, aborted${countsOfAll(detail)}`,
};

/** The text for a run of entries about single hosts. */
const RUNS: Readonly<Record<string, string>> = {
  'host-answered': 'answered',
  'late-result': 'answered late',
  'host-given-up': 'given up',
  'abort-obeyed': 'obeyed the abort',
  'hosts-unreachable': 'silent',
};

/** The kinds of entries that have a text. */
export const AUDIT_KINDS = [...Object.keys(TEXTS), ...Object.keys(RUNS)];

interface Run {
  readonly kind: string;
  readonly atMs: number;
  untilMs: number;
  hosts: number;
  /** Also by how far hosts were that obeyed an abort. */
  readonly outcomes: Partial<Record<Outcome | AbortedProgress, number>>;
}

/** The timeline of a request, from the log's entries about it, oldest first. Hosts are counted, not kept. */
export async function* timelineOf(entries: AsyncIterable<AuditEntryView>): AsyncGenerator<TimelineEvent> {
  let run: Run | undefined;
  for await (const entry of entries) {
    const detail = detailOf(entry);
    if (run && run.kind !== entry.kind) {
      yield eventOf(run);
      run = undefined;
    }
    if (Object.hasOwn(RUNS, entry.kind)) run = extended(run, entry, detail);
    else yield { atMs: entry.atMs, kind: entry.kind, actor: entry.actor, text: textOf(entry, detail) };
  }
  if (run) yield eventOf(run);
}

function textOf(entry: AuditEntryView, detail: Detail): string {
  const known = Object.hasOwn(TEXTS, entry.kind) ? TEXTS[entry.kind] : undefined;
  return printable(known ? known(entry, detail) : entry.kind);
}

/**
 * The detail of an entry. Unknown members are kept and wrong ones ignored: a newer controller may write
 * others.
 */
export function detailOf({ detail }: Pick<AuditEntryView, 'detail'>): Detail & Record<string, unknown> {
  const json: unknown = JSON.parse(detail);
  const parsed = detailSchema.safeParse(json);
  return { ...(json as object), ...(parsed.success ? parsed.data : {}) };
}

function extended(before: Run | undefined, { kind, atMs }: AuditEntryView, detail: Detail): Run {
  const { outcome, hosts, progress } = detail;
  const run = before ?? { kind, atMs, untilMs: atMs, hosts: 0, outcomes: {} };
  const ended = progress ?? outcome ?? (kind === 'hosts-unreachable' ? 'unreachable' : 'unknown');
  const count = kind === 'hosts-unreachable' ? countOf(hosts) : 1;
  run.untilMs = atMs;
  run.hosts += count;
  run.outcomes[ended] = (run.outcomes[ended] ?? 0) + count;
  return run;
}

function eventOf({ kind, atMs, untilMs, hosts, outcomes }: Run): TimelineEvent {
  const within = untilMs > atMs ? ` within ${formatDuration(untilMs - atMs)}` : '';
  const text = `${hostCount(hosts)} ${RUNS[kind]}${within}: ${countsText(outcomes)}`;
  return { atMs, untilMs, kind, actor: hosts === 1 ? 'host' : 'hosts', text, outcomes };
}

function countOf(hosts: Detail['hosts']): number {
  return typeof hosts === 'number' ? hosts : (hosts?.length ?? 0);
}

function countsText(outcomes: Detail['outcomes'] = {}): string {
  const parts = [...OUTCOME_NAMES, ...ABORTED_PROGRESS]
    .filter(name => outcomes[name])
    .map(name => `${outcomes[name]} ${name}`);
  return parts.join(', ') || 'no host';
}

/** The counts of the entry that ends a request; they are its members. */
function countsOfAll(detail: Detail & Record<string, unknown>): string {
  const outcomes = OUTCOME_NAMES.filter(name => typeof detail[name] === 'number').map(outcome => ({
    outcome,
    hosts: Number(detail[outcome]),
  }));
  const expected = outcomes.reduce((sum, { hosts }) => sum + hosts, 0);
  return outcomes.length === 0 ? '' : `: ${sumsText(expected, outcomes)}`;
}
