import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_FORMATS, auditLine } from '../../../controller/audit-formats/index.ts';
import type { AuditEntryView } from '../../../shared/messages/index.ts';
import { readCef } from '../../kit/receivers/read-cef.ts';

const ENTRY: AuditEntryView = {
  seq: 7,
  atMs: 1_700_000_000_000,
  kind: 'rejection-added',
  actor: 'bob',
  requestId: '7k2m9x4qw8rt',
  host: 'web-01',
  detail: '{"reason":"a=b|c\\\\d"}',
  hash: new Uint8Array(32).fill(0xab),
};

/** Entries as a store may hold them that somebody else wrote to: every text is anything. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[|=\\\n\r "cs1suser]{0,12}$/),
  fc.constantFrom('x|CEF:0|', 'a\nCEF:0|evil', 'x suser=root', 'x\\=y', 'x\\', '\u0085\u2028', ']["'),
);
const anyEntry: fc.Arbitrary<AuditEntryView> = fc.record(
  {
    seq: fc.nat(),
    atMs: fc.nat(),
    kind: anyText,
    actor: anyText,
    requestId: anyText,
    host: anyText,
    detail: anyText,
    hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  },
  { requiredKeys: ['seq', 'atMs', 'kind', 'actor', 'detail', 'hash'] },
);
const ascii = (text: string): string =>
  text.replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('an entry as a line', () => {
  it('an entry as a line of CEF has its parts where readers of CEF look for them', () => {
    expect(auditLine(ENTRY, 'cef').replace(/\|\d[^|]*\|rej/, '|VERSION|rej')).toBe(
      'CEF:0|farcall|farcall|VERSION|rejection-added|rejection added|6|externalId=7 rt=1700000000000 suser=bob ' +
        'dhost=web-01 cs1Label=request cs1=7k2m9x4qw8rt cs2Label=hash ' +
        `cs2=${'ab'.repeat(32)} cs3Label=detail cs3={"reason":"a\\=b|c\\\\\\\\d"}`,
    );
  });

  it('an entry as a line of JSON is what audit show --json prints', () => {
    expect(JSON.parse(auditLine(ENTRY, 'json'))).toEqual({
      ...ENTRY,
      detail: { reason: 'a=b|c\\d' },
      hash: 'ab'.repeat(32),
    });
  });

  it.each(AUDIT_FORMATS)(
    'an entry as a line of %s is one line of printable ASCII, whatever is in it',
    format => {
      fc.assert(
        fc.property(anyEntry, entry => {
          expect(auditLine(entry, format)).toMatch(/^[ -~]+$/);
        }),
        { seed: 1 },
      );
    },
  );

  it('an entry as a line of CEF says the same fields to a reader, and no others, whatever is in it', () => {
    fc.assert(
      fc.property(anyEntry, entry => {
        const { header, extension } = readCef(auditLine(entry, 'cef'));
        expect(header.slice(0, 3)).toEqual(['CEF:0', 'farcall', 'farcall']);
        expect(header[4]).toBe(ascii(entry.kind));
        const { seq, atMs, actor, requestId, host, detail, hash } = entry;
        expect(extension).toEqual({
          ...{ externalId: String(seq), rt: String(atMs), suser: ascii(actor) },
          ...(host !== undefined && { dhost: ascii(host) }),
          ...(requestId !== undefined && { cs1Label: 'request', cs1: ascii(requestId) }),
          ...{ cs2Label: 'hash', cs2: Buffer.from(hash).toString('hex') },
          ...{ cs3Label: 'detail', cs3: ascii(detail) },
        });
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('an entry as a line of JSON says the same members to a reader, and no others, whatever is in it', () => {
    fc.assert(
      fc.property(anyEntry, entry => {
        const { detail, ...read } = JSON.parse(auditLine(entry, 'json'));
        const { detail: text, hash, ...rest } = entry;
        expect(read).toEqual({ ...rest, hash: Buffer.from(hash).toString('hex') });
        expect(detail).toEqual(isJson(text) ? JSON.parse(text) : text);
      }),
      { seed: 1 },
    );
  });
});
