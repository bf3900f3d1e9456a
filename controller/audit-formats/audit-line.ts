import type { AuditEntryView } from '../../shared/messages/index.ts';
import { agentVersion } from '../../shared/version/index.ts';
import { cefLine } from './cef-line.ts';
import { jsonLine } from './json-line.ts';

/** How entries are written for programs outside of farcall. */
export const AUDIT_FORMATS = ['json', 'cef'] as const;

/** One of {@link AUDIT_FORMATS}. */
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

const version = agentVersion();

/** `entry` as one line, without its end, in printable ASCII; see {@link jsonLine} and {@link cefLine}. */
export function auditLine(entry: AuditEntryView, format: AuditFormat): string {
  return format === 'cef' ? cefLine(entry, version) : jsonLine(entry);
}
