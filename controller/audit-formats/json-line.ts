import { asciiJson } from '../../shared/json/index.ts';
import type { AuditEntryView } from '../../shared/messages/index.ts';

/**
 * An entry as one line of JSON (RFC 8259) in printable ASCII: the shape of `farcall audit show --json`. A
 * detail that is no JSON, as somebody who rewrites a store may leave it, is there as text.
 */
export function jsonLine({ hash, detail, ...entry }: AuditEntryView): string {
  return asciiJson({ ...entry, detail: parsedOr(detail), hash: Buffer.from(hash).toString('hex') });
}

function parsedOr(detail: string): unknown {
  try {
    return JSON.parse(detail);
  } catch {
    return detail;
  }
}
