import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_FORMATS } from '../../../controller/audit-formats/index.ts';
import {
  type SyslogOrigin,
  syslogFrame,
  syslogMessage,
} from '../../../controller/audit-sinks/syslog-message.ts';
import type { AuditEntryView } from '../../../shared/messages/index.ts';
import { readCef } from '../../kit/receivers/read-cef.ts';
import { frameReader, readSyslog } from '../../kit/receivers/read-syslog.ts';

const ENTRY: AuditEntryView = {
  seq: 7,
  atMs: 1_700_000_000_123,
  kind: 'checkpoint-conflict',
  actor: 'controller',
  detail: '{}',
  hash: new Uint8Array(32).fill(0xab),
};
const ORIGIN: SyslogOrigin = {
  facility: 'audit',
  hostname: 'ctl.example.org',
  controller: 'ctl-1',
  processId: 42,
  site: 'a-site',
  format: 'json',
};

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^["\]\\ \n=[a]{0,12}$/),
  fc.constantFrom('x"]', 'x\\', 'x\\"', '[evil@1 a="b"]', 'x\n12 <1>1', '\u2028', '', ' '),
);
const anyEntry: fc.Arbitrary<AuditEntryView> = fc.record(
  {
    seq: fc.nat(),
    atMs: fc.oneof(fc.nat(), fc.double(), fc.constantFrom(Number.MAX_SAFE_INTEGER, 8.64e15, -1e15)),
    kind: anyText,
    actor: anyText,
    requestId: anyText,
    host: anyText,
    detail: anyText,
    hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  },
  { requiredKeys: ['seq', 'atMs', 'kind', 'actor', 'detail', 'hash'] },
);
const anyOrigin = fc.record({
  facility: fc.constantFrom('audit' as const, 'local7' as const),
  hostname: anyText,
  controller: anyText,
  processId: fc.nat(),
  site: anyText,
  format: fc.constantFrom(...AUDIT_FORMATS),
});
const ascii = (text: string): string =>
  text.replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

describe('a syslog message', () => {
  it('a syslog message has facility, severity, time, kind, sequence and hash where RFC 5424 has them', () => {
    const message = syslogMessage(ENTRY, ORIGIN);
    expect(message).toBe(
      '<105>1 2023-11-14T22:13:20.123Z ctl.example.org farcall 42 checkpoint-conflict ' +
        `[farcall@32473 seq="7" hash="${'ab'.repeat(32)}" controller="ctl-1" site="a-site"] ` +
        `{"seq":7,"atMs":1700000000123,"kind":"checkpoint-conflict","actor":"controller","detail":{},"hash":"${'ab'.repeat(32)}"}`,
    );
    expect(syslogMessage({ ...ENTRY, kind: 'wave-started' }, ORIGIN)).toMatch(/^<109>1 /);
    expect(syslogMessage({ ...ENTRY, kind: 'lock-set' }, { ...ORIGIN, facility: 'local0' })).toMatch(
      /^<132>1 /,
    );
  });

  it('a syslog message says the same to a strict reader, and has no other field, whatever is in it', () => {
    fc.assert(
      fc.property(anyEntry, anyOrigin, (entry, origin) => {
        const message = syslogMessage(entry, origin);
        expect(message).toMatch(/^[ -~]+$/);
        const read = readSyslog(message);
        expect(read.facility).toBe(origin.facility === 'audit' ? 13 : 23);
        expect(read.messageId).toBe(entry.kind.replace(/[^!-~]/g, '?').slice(0, 32) || '-');
        expect(read.data).toEqual({
          'farcall@32473': {
            seq: String(entry.seq),
            hash: Buffer.from(entry.hash).toString('hex'),
            controller: ascii(origin.controller),
            site: ascii(origin.site),
          },
        });
        const seq =
          origin.format === 'json'
            ? JSON.parse(read.text).seq
            : Number(readCef(read.text).extension['externalId']);
        expect(seq).toBe(entry.seq);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('a syslog message cannot look like two in a stream of frames, whatever is in it and however it is cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(anyEntry, { minLength: 1, maxLength: 4 }),
        anyOrigin,
        cuts,
        (entries, origin, sizes) => {
          const sent = entries.map(entry => syslogMessage(entry, origin));
          const bytes = Buffer.from(sent.map(syslogFrame).join(''));
          const read = frameReader();
          const received: string[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            received.push(...read(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(received).toEqual(sent);
        },
      ),
      { seed: 1 },
    );
  });
});
