import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import { BUNDLE_LIMIT_BYTES } from '../../../shared/messages/index.ts';
import {
  bundleFileText,
  checkFresh,
  decodeTrustBundle,
  encodeTrustBundle,
  parseBundleFile,
  type TrustBundle,
} from '../../../shared/trust/index.ts';
import { BUNDLE, START_MS } from '../../kit/cast.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';

const text = Buffer.from(encodeTrustBundle(BUNDLE)).toString('utf8');
const decode = (from: string): TrustBundle => decodeTrustBundle(Buffer.from(from, 'utf8'));
const refused = expect.objectContaining({ code: 'TRUST_INVALID' });

describe('the bytes of a trust bundle', () => {
  it('the bytes of a trust bundle are those that we write, and mean what was written', () => {
    expect(decode(text)).toEqual(BUNDLE);
    expect(Buffer.from(encodeTrustBundle(decode(text))).toString('utf8')).toBe(text);
  });

  const { version, ...others } = BUNDLE;
  const respelled: readonly [string, string][] = [
    ['white space', text.replace(':', ': ')],
    ['a line at the end', `${text}\n`],
    ['a byte order mark', `\ufeff${text}`],
    ['a member twice', text.replace('"version":3', '"version":3,"version":3')],
    ['a member twice, saying two things', text.replace('"version":3', '"version":2,"version":3')],
    ['a member twice, deep inside', text.replace('"call":2', '"call":1,"call":2')],
    ['another order of members', JSON.stringify({ ...others, version })],
    ['a number in another spelling', text.replace('"version":3', '"version":3.0')],
    ['an exponent', text.replace('"version":3', '"version":30e-1')],
    ['an escaped letter', text.replace('"alice"', '"\\u0061lice"')],
    ['a prototype', text.replace('"version":3', '"__proto__":{},"version":3')],
    ['two bundles', `${text}${text}`],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', `[${text}]`],
  ];
  it.each(respelled)('the bytes of a trust bundle are not %s', (_name, from) => {
    expect(() => decode(from)).toThrow(refused);
  });

  it('the bytes of a trust bundle are UTF-8', () => {
    const bytes = Buffer.from(text, 'utf8');
    bytes[text.indexOf('alice')] = 0xff;
    expect(() => decodeTrustBundle(bytes)).toThrow(refused);
  });

  it('the bytes of a trust bundle are not more than the limit, whatever they are', () => {
    expect(() => decodeTrustBundle(Buffer.alloc(BUNDLE_LIMIT_BYTES + 1, ' '))).toThrow(
      expect.objectContaining({ message: expect.stringContaining('over the limit') }),
    );
  });

  it('the bytes of a trust bundle are a bundle or a FarcallError, whatever comes', () => {
    const check = (bytes: Uint8Array): void => {
      try {
        expect(encodeTrustBundle(decodeTrustBundle(bytes))).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(FarcallError);
        expect((error as FarcallError).code).toBe('TRUST_INVALID');
      }
    };
    const bytes = Buffer.from(text, 'utf8');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), check));
    fc.assert(fc.property(fc.json(), json => check(Buffer.from(json, 'utf8'))));
    const edit = fc.record({
      at: fc.nat(bytes.length - 1),
      length: fc.nat(40),
      by: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc.nat(bytes.length - 1).map(from => bytes.subarray(from, from + 40)),
      ),
    });
    fc.assert(
      fc.property(edit, ({ at, length, by }) =>
        check(Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)])),
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a bundle file', () => {
  const { signatures } = signedBy(BUNDLE);

  it('a bundle file may be laid out for people, and means the same bytes', () => {
    const file = parseBundleFile(bundleFileText(BUNDLE, signatures), 'f');
    expect(Buffer.from(file.signed.bundle).toString('utf8')).toBe(text);
    expect(file.signed.signatures).toEqual(signatures);
  });

  it.each([
    ['an unknown member', JSON.stringify({ bundle: BUNDLE, signatures, by: 'me' })],
    ['signatures that are none', JSON.stringify({ bundle: BUNDLE, signatures: [1] })],
    ['no signatures', JSON.stringify({ bundle: BUNDLE })],
    ['too many signatures', JSON.stringify({ bundle: BUNDLE, signatures: Array(65).fill('a.b.c') })],
    ['no bundle', JSON.stringify({ signatures })],
    ['a list', '[]'],
  ])('a bundle file is refused for %s', (_name, from) => {
    expect(() => parseBundleFile(from, 'f')).toThrow(refused);
  });

  it('a bundle file is a bundle or a FarcallError, whatever comes', () => {
    const good = bundleFileText(BUNDLE, signatures);
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(30), fc.string({ maxLength: 9 }), (at, length, by) => {
        try {
          parseBundleFile(good.slice(0, at) + by + good.slice(at + length), 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(FarcallError);
        }
      }),
    );
  });
});

describe('the life of a bundle', () => {
  const code = (nowMs: number): string => {
    try {
      checkFresh(BUNDLE, nowMs);
      return 'fresh';
    } catch (error) {
      return (error as FarcallError).code;
    }
  };

  it('the life of a bundle ends with its expiry, to the millisecond', () => {
    expect(code(BUNDLE.expiresAtMs - 1)).toBe('fresh');
    expect(code(BUNDLE.expiresAtMs)).toBe('TRUST_EXPIRED');
    expect(code(START_MS)).toBe('fresh');
  });

  it('the life of a bundle begins a day before it was made, because clocks differ', () => {
    expect(code(BUNDLE.issuedAtMs - 24 * 3_600_000)).toBe('fresh');
    expect(code(BUNDLE.issuedAtMs - 24 * 3_600_000 - 1)).toBe('CLOCK_WRONG');
    expect(code(0)).toBe('CLOCK_WRONG');
  });
});
