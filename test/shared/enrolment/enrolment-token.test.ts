import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { newAuthority } from '../../../controller/site/certificates.ts';
import {
  type EnrolmentToken,
  formatEnrolmentToken,
  parseEnrolmentToken,
} from '../../../shared/enrolment/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { SITE } from '../../kit/cast.ts';

describe('an enrolment token', () => {
  let token: EnrolmentToken;
  beforeAll(async () => {
    const { certificate } = await newAuthority('a site', Date.now());
    const rest = { address: 'ctl.example.org:7440', host: 'web-1', site: SITE, rootsDigest: 'A'.repeat(43) };
    const broker = { servers: ['tls://broker.example.org:4222'], caDigest: 'B'.repeat(43) };
    const bundle = { version: 3, digest: 'C'.repeat(43) };
    const labels = { env: 'prod' };
    token = { ...rest, labels, broker, bundle, ca: certificate, secret: Buffer.alloc(32, 9) };
  });

  it('an enrolment token is one line of text, and comes back as it was', () => {
    const text = formatEnrolmentToken(token);
    expect(text).toMatch(/^farcall-enrolment\.[\w-]+$/);
    expect(parseEnrolmentToken(`  ${text}\n`)).toEqual(token);
  });

  const changes: readonly [string, Partial<EnrolmentToken> & Record<string, unknown>][] = [
    ['an address that is none', { address: 'ctl/x:1' }],
    ['a proxy in the address', { address: 'user@ctl:7440' }],
    ['something behind the port of the address', { address: 'ctl:7440/other' }],
    ['an address in brackets that is none of IPv6', { address: '[ctl.example.org]:7440' }],
    ['a host that is none', { host: '*' }],
    ['no certificate', { ca: 'x' }],
    ['a short secret', { secret: Buffer.alloc(31) }],
    ['a digest that is none', { rootsDigest: 'A' }],
    ['a label that is none', { labels: { kernel: '6.1' } }],
    ['a broker without TLS', { broker: { servers: ['nats://broker.example.org:4222'], caDigest: '' } }],
    ['no broker', { broker: { servers: [], caDigest: '' } }],
    ['no least bundle', { bundle: undefined as never }],
    ['a least bundle without a version', { bundle: { version: 0, digest: 'C'.repeat(43) } }],
    ['a member that nobody knows', { insecure: true }],
  ];
  it.each(changes)(
    'an enrolment token is refused with %s, and nothing of it is repeated',
    (_name, change) => {
      const text = formatEnrolmentToken({ ...token, ...change });
      expect(() => parseEnrolmentToken(text)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }));
      expect(() => parseEnrolmentToken(text)).toThrow(/^(?!.*eyJ)/);
    },
  );

  it('an enrolment token may have an IPv6 address, and as many characters as are parsed, and no more', () => {
    const atIpv6 = { ...token, address: '[2001:db8::1]:7440' };
    expect(parseEnrolmentToken(formatEnrolmentToken(atIpv6))).toEqual(atIpv6);
    const padded = (more: number): string =>
      formatEnrolmentToken({ ...token, ca: token.ca + ' '.repeat(more) });
    // A byte more is one or two characters more.
    let more = 0;
    while (padded(more + 1).length <= 32_768) more += 1;
    expect(padded(more).length).toBe(32_768);
    expect(parseEnrolmentToken(padded(more)).host).toBe('web-1');
    expect(() => parseEnrolmentToken(padded(more + 1))).toThrow(/longer than/);
  });

  it('an enrolment token is refused with another beginning, though it is as long', () => {
    const other = formatEnrolmentToken(token).replace('farcall-enrolment.', 'farcall-enrolmenT.');
    expect(() => parseEnrolmentToken(other)).toThrow(/does not begin with/);
  });

  it('an enrolment token is a token or a FarcallError, whatever the text is', () => {
    const good = formatEnrolmentToken({ ...token, ca: 'x' });
    const texts = fc.oneof(
      fc.string(),
      fc.string().map(text => `farcall-enrolment.${text}`),
      fc.json().map(text => `farcall-enrolment.${Buffer.from(text).toString('base64url')}`),
      fc.nat(good.length).map(length => good.slice(0, length)),
    );
    fc.assert(
      fc.property(texts, text => {
        expect(() => parseEnrolmentToken(text)).toThrow(FarcallError);
      }),
    );
    expect(() => parseEnrolmentToken(`farcall-enrolment.${'A'.repeat(40_000)}`)).toThrow(/longer than/);
  });
});
