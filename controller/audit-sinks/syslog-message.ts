import type { AuditEntryView } from '../../shared/messages/index.ts';
import {
  type AuditFormat,
  auditLine,
  type Importance,
  importanceOf,
  toAscii,
} from '../audit-formats/index.ts';

/** Facilities (RFC 5424, 6.2.1) that an audit log may be sent as, by their usual names. */
export const SYSLOG_FACILITIES = {
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

/** Name of a facility. */
export type SyslogFacility = keyof typeof SYSLOG_FACILITIES;

/** Severities (RFC 5424, 6.2.1): notice, warning and alert. */
const SEVERITY: Readonly<Record<Importance, number>> = { usual: 5, notable: 4, alarm: 1 };

/** The parts of a message that are the same for every entry. */
export interface SyslogOrigin {
  readonly facility: SyslogFacility;
  /** Name of this machine. */
  readonly hostname: string;
  /** Name of this controller. */
  readonly controller: string;
  readonly processId: number;
  readonly site: string;
  readonly format: AuditFormat;
}

const NIL = '-';
const HOSTNAME_LIMIT = 255;
const MSGID_LIMIT = 32;

/**
 * An entry as a message of RFC 5424:
 *
 *     <PRI>1 TIMESTAMP HOSTNAME farcall PID KIND [farcall@32473 seq="…" …] JSON-OR-CEF
 *
 * The message text is printable ASCII, and so needs no byte order mark (6.4). 32473 is the enterprise number
 * that RFC 5612 reserves for examples: farcall has none of its own.
 *
 * Threat: somebody who can choose a name or a reason makes the receiver see another field or another message.
 * Names in the header are reduced to printable ASCII without blanks, values of the structured data have `"`,
 * `\` and `]` escaped (6.3.3), and the text has no line end.
 */
export function syslogMessage(entry: AuditEntryView, origin: SyslogOrigin): string {
  const { seq, atMs, kind, hash } = entry;
  const priority = SYSLOG_FACILITIES[origin.facility] * 8 + SEVERITY[importanceOf(kind)];
  const header = [
    `<${priority}>1`,
    timestamp(atMs),
    headerName(origin.hostname, HOSTNAME_LIMIT),
    'farcall',
    String(origin.processId),
    headerName(kind, MSGID_LIMIT),
  ];
  const data = structuredData({
    seq: String(seq),
    hash: Buffer.from(hash).toString('hex'),
    controller: origin.controller,
    site: origin.site,
  });
  return [...header, data, auditLine(entry, origin.format)].join(' ');
}

/**
 * `message` in a frame of RFC 5425, 4.3: its length in bytes, a blank, and the message. A receiver that
 * counts cannot take text in a message for the next one.
 */
export function syslogFrame(message: string): string {
  return `${Buffer.byteLength(message, 'utf8')} ${message}`;
}

/** RFC 3339 in UTC with milliseconds; nil for a time that no calendar has. */
function timestamp(atMs: number): string {
  const date = new Date(atMs);
  const text = Number.isNaN(date.getTime()) ? NIL : date.toISOString();
  return /^\d{4}-/.test(text) ? text : NIL;
}

function headerName(text: string, limit: number): string {
  return text.replace(/[^!-~]/g, '?').slice(0, limit) || NIL;
}

function structuredData(parameters: Readonly<Record<string, string>>): string {
  const texts = Object.entries(parameters).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `[farcall@32473 ${texts.join(' ')}]`;
}

function escaped(value: string): string {
  return toAscii(value.replace(/["\\\]]/g, '\\$&'), unit => `\\\\u${unit}`);
}
