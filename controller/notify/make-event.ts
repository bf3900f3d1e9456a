import {
  type AbortStore,
  type ApprovalStore,
  AUDIT_KINDS,
  type AuditKind,
  type AuditTable,
  auditDigest,
  isAuditKind,
  type RequestStore,
} from '../store/index.ts';
import { EVENT_FORMATTERS, type EventText, type NotifiableEntry } from './event-texts.ts';
import type { EventMessage } from './formats/index.ts';
import type { EventKind } from './kinds/index.ts';

/** The stores and services that {@link makeEvent} uses. */
export interface EventDeps {
  readonly requests: Pick<RequestStore, 'find'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly aborts: Pick<AbortStore, 'find'>;
  /** The origin of the console; undefined if there is none. */
  readonly consoleOrigin: string | undefined;
}

/** An event, as webhooks receive it. */
export interface WebhookEvent {
  /** The same for each try: number of the entry, and the beginning of its hash, which no two stores share. */
  readonly id: string;
  readonly kind: EventKind;
  readonly message: EventMessage;
}

/** Hexadecimal digits of the entry's hash in an event's id. */
const HASH_DIGITS = 16;
/** The longest line that chat tools get. */
const TEXT_LIMIT = 1000;
const REASON_LIMIT = 300;

/**
 * The event that the entry `row` of the log is; undefined where it is none. No program and no value of a
 * result is in it. It is made of what never changes, so every try sends the same.
 */
export async function makeEvent(deps: EventDeps, row: AuditTable): Promise<WebhookEvent | undefined> {
  const event = await eventTextOf(deps, row);
  if (!event) return undefined;
  const about = row.request_id === null ? undefined : await aboutRequest(deps, row.request_id);
  const timestamp = new Date(row.at_ms).toISOString();
  const data = { seq: row.seq, actor: row.actor, ...about?.data, ...event.facts };
  const text = plainLine([about?.text ?? 'farcall', event.text].join(': '));
  const { kind } = event;
  return { id: eventId(row), kind, message: { type: kind, timestamp, text, data } };
}

function eventId({ seq, hash }: AuditTable): string {
  return `${seq}-${Buffer.from(hash).toString('hex').slice(0, HASH_DIGITS)}`;
}

async function eventTextOf(deps: EventDeps, row: AuditTable): Promise<EventText | undefined> {
  const { kind } = row;
  if (!isAuditKind(kind) || !EVENT_FORMATTERS[kind]) return undefined;
  const detail = AUDIT_KINDS[kind].detail.parse(JSON.parse(row.detail));
  const entry = { actor: row.actor, detail, reason: await reasonOf(deps, row) };
  const tell = EVENT_FORMATTERS[kind] as (entry: NotifiableEntry<AuditKind>) => EventText | undefined;
  return tell(entry as NotifiableEntry<AuditKind>);
}

/** The reason of a rejection or an abort: the log holds it by the digest of what was signed. */
async function reasonOf(
  { approvals, aborts }: EventDeps,
  { kind, request_id, detail }: AuditTable,
): Promise<string | undefined> {
  if (request_id === null) return undefined;
  if (kind === 'abort-made') return (await aborts.find(request_id))?.reason;
  if (kind !== 'rejection-added') return undefined;
  const { token } = AUDIT_KINDS['rejection-added'].detail.parse(JSON.parse(detail));
  return (await approvals.of(request_id)).find(each => auditDigest(each.token) === token)?.reason;
}

async function aboutRequest({ requests, consoleOrigin }: EventDeps, id: string) {
  const found = await requests.find(id);
  if (!found) return { text: `Request ${id}`, data: { request: id } };
  const { requester, reason, policy, effect } = found.request;
  const digest = `sha256:${Buffer.from(found.digest).toString('hex')}`;
  const data = {
    ...{ request: id, digest, requester, requestReason: reason, policy, effect },
    ...(consoleOrigin !== undefined && { link: `${consoleOrigin}/#/requests/${id}` }),
  };
  const why = reason.length > REASON_LIMIT ? `${reason.slice(0, REASON_LIMIT)}…` : reason;
  return { text: `Request ${id} of ${requester} (${effect}${why === '' ? '' : `, ${why}`})`, data };
}

/**
 * One line that says in every chat tool what it says here.
 *
 * Threat: a reason is what a requester likes; a mention would wake a whole company, and a link with another
 * text leads elsewhere than it says. So what begins a mention or a link in Slack's and in Markdown's way is
 * replaced. The members under `data` have every reason as it is.
 */
function plainLine(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[<>@[\]`]/g, sign => PLAIN[sign] ?? ' ');
  return line.length > TEXT_LIMIT ? `${line.slice(0, TEXT_LIMIT)}…` : line;
}

const PLAIN: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '@': '＠',
  '[': '(',
  ']': ')',
  '`': "'",
};
