import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLogRecord, parseLogRecord } from '../../../../agent/kernel/log/index.ts';
import { valueOrError } from '../help/value-or-error.ts';

const parse = (text: string) => parseLogRecord(Buffer.from(text));

test('every part of a log record is read', () => {
  expect(parse('12,339,5140900,-,caller=T1;NET: Registered\n SUBSYSTEM=net\n DEVICE=+net:eth0\n')).toEqual({
    level: 4,
    facility: 1,
    sequence: 339,
    timestampUs: 5140900,
    continues: false,
    text: 'NET: Registered',
  });
});

describe('the text of a log record', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['empty', '6,1,2,-;\n', ''],
    ['without a newline', '6,1,2,-;hello', 'hello'],
    ['with semicolons', '6,1,2,-;a;b;c\n', 'a;b;c'],
    ['escaped', '6,1,2,-;tab\\x09quote\\x22 back\\x5cx41\n', 'tab\tquote" back\\x41'],
    ['escaped UTF-8', '6,1,2,-;w\\xc3\\xb6rld\n', 'wörld'],
    ['of two lines', '6,1,2,-;one\\x0atwo\n', 'one\ntwo'],
  ];
  test.each(rows)('the text of a log record is read as the kernel meant it: %s', (_name, record, text) => {
    expect(parse(record).text).toBe(text);
  });
});

test.each([
  ['-', false],
  ['c', false],
  ['+', true],
])('the flags %j say whether a record continues another', (flags, continues) => {
  expect(parse(`6,1,2,${flags};x\n`).continues).toBe(continues);
});

test.each(['', 'hello', '6,1,2;x', '6,1,2,-', '-1,1,2,-;x', '6,a,2,-;x', '99999999999,1,2,-;x'])(
  'the line %j is not a log record',
  text => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  },
);

test('a record is shown as dmesg shows it', () => {
  expect(formatLogRecord(parse('6,339,5140900,-;NET: Registered\n'))).toBe('[    5.140900] NET: Registered');
  expect(formatLogRecord(parse('6,339,123456000042,-;x\n'))).toBe('[123456.000042] x');
});

test('any bytes of a log record give a value or a FarcallError', () => {
  const record = fc
    .tuple(fc.nat(), fc.nat(), fc.nat(), fc.string(), fc.string())
    .map(([prio, seq, us, flags, text]) => Buffer.from(`${prio},${seq},${us},${flags};${text}`));
  fc.assert(
    fc.property(fc.oneof(record, fc.uint8Array()), bytes => {
      valueOrError(() => parseLogRecord(bytes));
    }),
  );
});
