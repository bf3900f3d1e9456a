import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { inSlice, sliceNumber, WHOLE } from '../../../shared/targets/index.ts';

const DIGEST = new Uint8Array(32).fill(7);

describe('a slice', () => {
  const number = createHash('sha256').update(DIGEST).update('web-1').digest().readUInt32BE(0);

  test('the number of a host is the first 32 bits of SHA-256 over the digest of the request and its name', () => {
    expect(sliceNumber(DIGEST, 'web-1')).toBe(number);
    expect(sliceNumber(DIGEST.with(0, 8), 'web-1')).not.toBe(number);
    expect(sliceNumber(DIGEST, 'web-2')).not.toBe(number);
  });

  test.each([
    [number, number + 1, true],
    [0, number + 1, true],
    [0, number, false],
    [number + 1, 2 ** 32, false],
    [number + 1, number, false],
  ])('a slice from %i, below %i has the host: %s', (from, to, isIn) => {
    expect(inSlice({ from, to }, DIGEST, 'web-1')).toBe(isIn);
  });

  test('the whole slice has every host', () => {
    expect(inSlice(WHOLE, DIGEST, 'web-1')).toBe(true);
    expect(WHOLE).toEqual({ from: 0, to: 4294967296 });
  });
});
