import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEntry, encodeEntry, encodeFrame, scanFrames } from '../../../agent/journal/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';

function file(...payloads: Uint8Array[]): Buffer {
  return Buffer.concat(payloads.map(encodeFrame));
}

function bytes(length: number, value = 0x61): Buffer {
  return Buffer.alloc(length, value);
}

const DAMAGED = expect.objectContaining({
  code: 'JOURNAL_DAMAGED',
  message: expect.stringMatching(/damaged at/),
});

test('records that were written are read in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 8 }), payloads => {
      const { frames, tornBytes } = scanFrames(file(...payloads));
      expect(frames.map(frame => [...frame.payload])).toEqual(payloads.map(payload => [...payload]));
      expect(tornBytes).toBe(0);
    }),
  );
});

test('a file that is cut anywhere in its last record has the others and a torn tail', () => {
  const before = file(bytes(40), bytes(600));
  const whole = Buffer.concat([before, file(bytes(700))]);
  for (let end = before.length + 1; end < whole.length; end++) {
    const scan = scanFrames(whole.subarray(0, end));
    expect(scan).toMatchObject({ endOffset: before.length, tornBytes: end - before.length });
    expect(scan.frames).toHaveLength(2);
  }
});

test('a last record of which only some sectors reached the disk is torn', () => {
  const before = file(bytes(40), bytes(600));
  const whole = Buffer.concat([before, file(bytes(1500))]);
  for (let sector = Math.ceil(before.length / 512) * 512; sector < whole.length; sector += 512) {
    const scan = scanFrames(Buffer.from(whole).fill(0, sector));
    expect(scan.endOffset).toBe(before.length);
  }
});

test('zeros behind the last record are torn', () => {
  const whole = file(bytes(40));
  expect(scanFrames(Buffer.concat([whole, Buffer.alloc(300)]))).toMatchObject({ endOffset: whole.length });
});

describe('damage is an error, and not a torn tail,', () => {
  const first = file(bytes(40));
  const whole = Buffer.concat([first, file(bytes(200)), file(bytes(30))]);

  test('damage is an error, and not a torn tail, at every byte of a record in the middle', () => {
    for (let at = 0; at < first.length + 100; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x40;
      expect(() => scanFrames(damaged)).toThrow(DAMAGED);
    }
  });

  test('damage is an error, and not a torn tail, in a last record that is complete', () => {
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 20] = damaged[damaged.length - 20]! ^ 1;
    expect(() => scanFrames(damaged)).toThrow(DAMAGED);
  });

  test('damage is an error, and not a torn tail, by a length that would swallow the records after it', () => {
    const damaged = Buffer.from(whole);
    damaged.writeUInt32BE(100_000, 4);
    expect(() => scanFrames(damaged)).toThrow(DAMAGED);
  });

  test('damage is an error, and not a torn tail, by a record that is missing from the middle', () => {
    const hole = Buffer.concat([
      whole.subarray(0, first.length),
      Buffer.alloc(100),
      whole.subarray(first.length),
    ]);
    expect(() => scanFrames(hole)).toThrow(DAMAGED);
  });
});

test('any bytes give records or a FarcallError', () => {
  const good = file(encodeEntry({ kind: 'journal', version: 1, host: 'web-01' }), bytes(60));
  const damaged = fc
    .tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
    .map(([at, value, end]) => {
      const copy = Buffer.from(good);
      copy[at] = value;
      return copy.subarray(0, end);
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), input => {
      try {
        for (const { payload } of scanFrames(input).frames) decodeEntry(payload);
      } catch (error) {
        expect(error).toBeInstanceOf(FarcallError);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('an entry of an unknown form is an error', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a length past the end', Buffer.from([0, 0, 1, 0, 0x7b])],
    ['no JSON', Buffer.from([0, 0, 0, 1, 0x7b])],
    ['another kind', Buffer.concat([Buffer.from([0, 0, 0, 12]), Buffer.from('{"kind":"x"}')])],
  ])('an entry with %s is refused', (_, payload) => {
    expect(() => decodeEntry(payload)).toThrow(expect.objectContaining({ code: 'JOURNAL_FAILED' }));
  });
});
