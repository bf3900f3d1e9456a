import protobuf from 'protobufjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  callResultCodec,
  hostFactsCodec,
  hostHeartbeatCodec,
  MESSAGE_LIMIT_BYTES,
  type MessageCodec,
  planReplyCodec,
  RESULT_LIMITS,
  signQueryCodec,
  typesReplyCodec,
} from '../../../shared/messages/index.ts';
import { WireReader } from '../../../shared/messages/wire/index.ts';
import { failureOf } from '../../agent/compiler/support/guarded.ts';

/** A field with bytes in it; `number` is below 16 and there are at most 2 MiB. */
function field(number: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, (length >> 14) & 0x7f];
  return Buffer.concat([Uint8Array.of((number << 3) | 2, ...size), content]);
}

const times = (count: number, bytes: Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));

/** `bytes` within field `number` within field `number` and so on. */
function nested(levels: number, number: number): Buffer {
  let bytes: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) bytes = field(number, bytes);
  return bytes;
}

const EMPTY = field(1, new Uint8Array());

/** The shortest value: an int, `(int)0`. */
const VALUE = Buffer.concat([field(1, Buffer.from('int')), Uint8Array.of(0x18, 2)]);

afterEach(() => void vi.restoreAllMocks());

describe('what is over a limit is refused before anything is decoded', () => {
  const EMPTY_STRING = Uint8Array.of(0x4a, 0);
  const rows: readonly (readonly [string, MessageCodec<unknown>, Uint8Array, string])[] = [
    [
      'a result with many lines of log',
      callResultCodec,
      times(300, EMPTY_STRING),
      'more than 256 of kernelLog',
    ],
    [
      'a result with a long line of log',
      callResultCodec,
      field(9, Buffer.alloc(6200)),
      'kernelLog is longer than 6144',
    ],
    [
      'a result of many bytes',
      callResultCodec,
      Buffer.alloc(RESULT_LIMITS.bytes + 1),
      'are over the limit of',
    ],
    [
      'a reply of fields that nobody knows',
      planReplyCodec,
      times(5000, Uint8Array.of(0xf8, 1, 0)),
      'more than 4096 fields',
    ],
    ['a heartbeat of many bytes', hostHeartbeatCodec, Buffer.alloc(5000), 'are over the limit of 4096'],
    ['facts with many labels', hostFactsCodec, times(300, Uint8Array.of(0x1a, 0)), 'more than 256 of labels'],
    [
      'a plan reply with many warnings',
      planReplyCodec,
      times(300, Uint8Array.of(0x62, 0)),
      'more than 64 of warnings',
    ],
    [
      'a types reply of many bytes',
      typesReplyCodec,
      Buffer.alloc(MESSAGE_LIMIT_BYTES),
      'are over the limit of',
    ],
    [
      'a sign query of many bytes',
      signQueryCodec,
      Buffer.alloc(MESSAGE_LIMIT_BYTES),
      'are over the limit of',
    ],
  ];

  test.each(rows)('%s is refused with the name of the limit', (_, codec, bytes, message) => {
    const decoded = vi.spyOn(protobuf.Type.prototype, 'decode');
    const error = failureOf(() => codec.decode(bytes));
    expect(error.code).toBe('MESSAGE_LIMIT');
    expect(error.message).toContain(message);
    expect(decoded).not.toHaveBeenCalled();
  });
});

describe('the parts of values are counted while they are read', () => {
  const rowsOf = (bytes: Uint8Array): Buffer => Buffer.concat([field(15, bytes)]);
  /** An otherwise valid result with a value or rows. */
  const withField = (extra: Uint8Array): Buffer =>
    Buffer.concat([
      callResultCodec.encode({
        protocol: 1,
        host: 'web-01',
        requestDigest: new Uint8Array(32),
        attempt: 1,
        orderId: 'order-1',
        outcome: 'returned',
        kernelLog: [],
        timings: { verifyUs: 0, compileUs: 0, spawnUs: 0, loadUs: 0, totalUs: 0 },
        finishedAtMs: 0,
        kernelRelease: '6.12',
      }),
      extra,
    ]);
  const array = (elements: Uint8Array): Buffer =>
    Buffer.concat([field(1, Buffer.from('x')), Uint8Array.of(0x18, 8), elements]);
  const many = (count: number): Buffer => times(count, field(1, field(1, VALUE)));

  test.each<readonly [string, Uint8Array, string]>([
    ['a value with many parts', field(7, array(times(8200, field(13, Buffer.alloc(0))))), 'too many parts'],
    ['a value with many levels', field(7, nested(40, 13)), 'more than 32 levels'],
    ['many rows', rowsOf(times(8200, EMPTY)), 'more than 8192 rows'],
    ['a row with many values', rowsOf(field(1, times(300, field(1, VALUE)))), 'more than 256 values'],
    ['rows with many values', rowsOf(times(40, field(1, times(250, field(1, VALUE))))), 'too many parts'],
  ])('a result with %s is refused', (_, extra, message) => {
    const error = failureOf(() => callResultCodec.decode(withField(extra)));
    expect(error.code).toBe('MESSAGE_LIMIT');
    expect(error.message).toContain(message);
  });

  test('as many rows as are allowed are read', () => {
    expect(callResultCodec.decode(withField(rowsOf(many(8192)))).rows).toHaveLength(8192);
  });

  test.each<readonly [string, Uint8Array]>([
    ['a part of another kind', field(7, array(field(12, VALUE)))],
    [
      'a kind that does not exist',
      field(7, Buffer.concat([field(1, Buffer.from('x')), Uint8Array.of(0x18, 10)])),
    ],
    [
      'a name with an escape character',
      field(7, Buffer.concat([VALUE, field(2, Buffer.from('a\u001b[2J'))])),
    ],
    ['a field twice', field(7, Buffer.concat([VALUE, VALUE]))],
    ['a field that nobody knows', field(7, Buffer.concat([VALUE, field(15, VALUE)]))],
    ['a value without a type', field(7, Uint8Array.of(0x18, 2))],
    ['a length past its end', field(7, Uint8Array.of(0x0a, 9, 0x78))],
  ])('a result whose value has %s is refused', (_, extra) => {
    expect(failureOf(() => callResultCodec.decode(withField(extra))).code).toBe('MESSAGE_INVALID');
  });
});

test('a field that may come once is refused the second time', () => {
  const twice = times(2, field(1, Buffer.from('web-01')));
  expect(failureOf(() => hostHeartbeatCodec.decode(twice)).message).toContain('host comes twice');
});

test('a group, which protobuf reads by recursion, is refused', () => {
  const groups = Buffer.alloc(3000, (15 << 3) | 3);
  expect(failureOf(() => hostHeartbeatCodec.decode(groups)).message).toContain('wire type 3');
});

test('a number of eleven bytes is refused', () => {
  expect(() => new WireReader(Buffer.alloc(11, 0xff)).uint32()).toThrow(
    expect.objectContaining({ code: 'MESSAGE_INVALID' }),
  );
});
