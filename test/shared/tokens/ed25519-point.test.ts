import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUsableEd25519Key } from '../../../shared/tokens/ed25519-point.ts';
import { newSigningKey, publicJwkSchema } from '../../../shared/tokens/index.ts';

const textOf = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
const jwkOf = (x: string) => ({ kty: 'OKP', crv: 'Ed25519', x });

/**
 * All points of small order, and their second encodings (Henry de Valence, "It's 255:19AM", 2020, table 2).
 */
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
];
const SECOND_ENCODINGS = [
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

describe('public keys', () => {
  test.each(SMALL_ORDER)('a key of small order is refused: %s', hex => {
    expect(isUsableEd25519Key(textOf(hex))).toBe(false);
    expect(publicJwkSchema.safeParse(jwkOf(textOf(hex))).success).toBe(false);
  });

  test.each(SECOND_ENCODINGS)('a key in a second encoding is refused: %s', hex => {
    expect(isUsableEd25519Key(textOf(hex))).toBe(false);
  });

  test('a key whose number is not below the prime is refused, whichever it is', () => {
    for (let excess = 0; excess < 19; excess++)
      for (const last of ['7f', 'ff']) {
        const first = (0xed + excess).toString(16);
        expect(isUsableEd25519Key(textOf(`${first}${'ff'.repeat(30)}${last}`)), first).toBe(false);
      }
  });

  test('a key is usable with either sign, as both of its points are', () => {
    const bytes = Buffer.from(newSigningKey().publicJwk.x, 'base64url');
    bytes[31]! ^= 0x80;
    expect(isUsableEd25519Key(bytes.toString('base64url'))).toBe(true);
  });

  test('a key off the curve is refused, and the error says so', () => {
    // y = 2 and y = 7 belong to no point: (y^2 - 1) / (d y^2 + 1) is no square.
    const off = [2, 7].map(y => textOf(Buffer.from([y, ...new Array(31).fill(0)]).toString('hex')));
    expect(off.map(isUsableEd25519Key)).toEqual([false, false]);
    expect(publicJwkSchema.safeParse(jwkOf(off[0]!)).error?.message).toContain('no point of Ed25519');
  });

  test('a key of another length is refused', () => {
    expect(['', textOf('01'.repeat(31)), textOf('01'.repeat(33))].map(isUsableEd25519Key)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

test('every key that is made is usable, and so are those of RFC 8032', () => {
  for (let count = 0; count < 50; count++) expect(isUsableEd25519Key(newSigningKey().publicJwk.x)).toBe(true);
  for (const hex of [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  ])
    expect(isUsableEd25519Key(textOf(hex))).toBe(true);
});

test('about half of all numbers belong to a point, and no bytes are an exception', () => {
  let points = 0;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes => {
      if (isUsableEd25519Key(Buffer.from(bytes).toString('base64url'))) points++;
    }),
    { numRuns: 200 },
  );
  expect(points).toBeGreaterThan(40);
  expect(points).toBeLessThan(160);
});
