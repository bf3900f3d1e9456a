import type { AuditEntryView } from '../../shared/messages/index.ts';
import { toAscii } from './ascii.ts';
import { type Importance, importanceOf } from './importance.ts';

/** Severities of CEF: 0 to 3 low, 4 to 6 medium, 7 and 8 high, 9 and 10 very high. */
const SEVERITY: Readonly<Record<Importance, number>> = { usual: 3, notable: 6, alarm: 9 };

/**
 * An entry as one line of the Common Event Format (ArcSight, CEF:0) in printable ASCII:
 *
 *     CEF:0|farcall|farcall|VERSION|KIND|KIND IN WORDS|SEVERITY|externalId=SEQ rt=MS suser=ACTOR …
 *
 * `dhost` is the host, `cs1` the request, `cs2` the hash, and `cs3` the detail as JSON.
 *
 * Threat: an operator writes a reason, and a host names itself, so that a reader of the line sees a field, or
 * an event, that does not exist. What separates fields is escaped as the format says: `|` and `\` in the
 * header, `=` and `\` in the extension. Every other character outside of printable ASCII, line ends
 * included, is written as its four hexadecimal digits after an escaped `\u`.
 */
export function cefLine(entry: AuditEntryView, version: string): string {
  const { seq, atMs, kind, actor, requestId, host, detail, hash } = entry;
  const severity = String(SEVERITY[importanceOf(kind)]);
  const header = ['farcall', 'farcall', version, kind, kind.replaceAll('-', ' '), severity];
  const extension: readonly (readonly [key: string, value: string | undefined])[] = [
    ['externalId', String(seq)],
    ['rt', String(atMs)],
    ['suser', actor],
    ['dhost', host],
    ...custom(1, 'request', requestId),
    ...custom(2, 'hash', Buffer.from(hash).toString('hex')),
    ...custom(3, 'detail', detail),
  ];
  const fields = extension.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escaped(value, '=')}`],
  );
  return ['CEF:0', ...header.map(each => escaped(each, '|')), fields.join(' ')].join('|');
}

function custom(number: number, label: string, value: string | undefined): (readonly [string, string])[] {
  return value === undefined
    ? []
    : [
        [`cs${number}Label`, label],
        [`cs${number}`, value],
      ];
}

/** `text` as a field in which `separator` would end it. */
function escaped(text: string, separator: '|' | '='): string {
  const safe = text.replace(/\\/g, '\\\\').replaceAll(separator, `\\${separator}`);
  return toAscii(safe, unit => `\\\\u${unit}`);
}
