import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authenticateAbort, authenticateOrder, verifyOrder } from '../../../agent/verify/index.ts';
import { abortEnvelopeCodec, orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { digestText, sha256, verifyToken } from '../../../shared/tokens/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import { bundleAt, entryOf, KEYS, SITE, START_MS } from '../../kit/cast.ts';
import { acceptedMisses, changedBytes } from '../../kit/keys/near-misses.ts';
import { approvalBy, type Ceremony, newPasskey } from '../../kit/keys/passkey-kit.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { hostTrust } from '../support/host-trust.ts';

const RUNS = { numRuns: 400 };
const kit = orderKit(START_MS);
const trust = hostTrust(kit.bundle, START_MS);
const verify = async (envelope: Uint8Array): Promise<unknown> =>
  verifyOrder(await authenticateOrder(envelope, trust), trust);
const abort = async (envelope: Uint8Array): Promise<unknown> => authenticateAbort(envelope, trust);
const OTHER_DIGEST = digestText(sha256(Buffer.from('something else')));
const digests = [OTHER_DIGEST, '', null];

describe('an order, with all that comes with it', () => {
  it('no byte of an order can be changed, added or left out', async () => {
    const { envelope } = await kit.order();
    await verify(envelope);
    await fc.assert(
      fc.asyncProperty(changedBytes(envelope), async changed => {
        if (Buffer.compare(changed, envelope) !== 0) await expect(verify(changed)).rejects.toThrow();
      }),
      RUNS,
    );
  });

  it('a token of an order counts as it was signed, and in no other form', async () => {
    const { envelope, request } = await kit.order();
    const order = orderEnvelopeCodec.decode(envelope);
    // What our own encoder refuses, the decoder of hosts refuses by the same rules.
    const with_ = async (part: object): Promise<unknown> =>
      verify(orderEnvelopeCodec.encode({ ...order, ...part }));
    const orderClaims = {
      ...{
        req: digests,
        attempt: [0, -1, 1001, '1', null],
        trustVersion: [0, '1', null],
        wave: [0, 2, null],
      },
      slice: [{ from: 0, to: 0 }, { from: 0 }, { from: 2 ** 32, to: 0 }, null, { from: 0, to: 2 ** 32 + 1 }],
      ...{ only: [[], ['x']], jti: ['', null], nbf: [START_MS / 1000 + 31, null] },
    };
    const tokens = [
      {
        thing: { kind: 'order', token: order.order, privateKey: KEYS['ctl-1'].privateKey },
        elsewhere: orderClaims,
        accepts: (token: string) => with_({ order: token }),
      },
      {
        thing: { kind: 'request', token: order.requestToken, privateKey: KEYS.alice.privateKey },
        elsewhere: { req: digests, exp: [request.expiresAtMs / 1000 - 1] },
        accepts: (token: string) => with_({ requestToken: token }),
      },
      {
        thing: { kind: 'approval', token: order.approvals[1]!, privateKey: KEYS.carol.privateKey },
        elsewhere: { req: digests, decision: ['reject', 'Approve', '', null] },
        accepts: (token: string) => with_({ approvals: [order.approvals[0], token] }),
      },
    ] as const;
    for (const { thing, elsewhere, accepts } of tokens) {
      expect(await acceptedMisses({ ...thing, elsewhere }, accepts), thing.kind).toEqual([]);
    }
  });
});

describe('an abort', () => {
  it('no byte of an abort can be changed, added or left out, and its token counts in no other form', async () => {
    const { requestBytes, request } = await kit.order();
    const envelope = await kit.abort('bob', requestBytes);
    await abort(envelope);
    await fc.assert(
      fc.asyncProperty(changedBytes(envelope), async changed => {
        if (Buffer.compare(changed, envelope) !== 0) await expect(abort(changed)).rejects.toThrow();
      }),
      RUNS,
    );
    const decoded = abortEnvelopeCodec.decode(envelope);
    const elsewhere = { req: digests, reason: ['', null], exp: [request.expiresAtMs / 1000 - 1] };
    const thing = {
      ...({ kind: 'abort', token: decoded.abort, privateKey: KEYS.bob.privateKey } as const),
      ...{ elsewhere, mayToo: ['bob2' as const] },
    };
    const accepts = async (token: string): Promise<unknown> =>
      abort(abortEnvelopeCodec.encode({ ...decoded, abort: token }));
    expect(await acceptedMisses(thing, accepts)).toEqual([]);
  });
});

describe('an approval by a passkey', () => {
  it.each(['P-256', 'Ed25519'] as const)(
    'an approval by a passkey of %s counts with the ceremony and the bytes that it was made with, and no others',
    async curve => {
      const passkey = newPasskey(curve);
      const bob = { name: 'bob', keys: [passkey.publicJwk] };
      const bundle = bundleAt(START_MS, { approvers: [entryOf('alice'), bob, entryOf('carol')] });
      const keyring = keyringOf(bundle.approvers);
      const iat = START_MS / 1000;
      const content = {
        iss: 'bob',
        site: SITE,
        iat,
        exp: iat + 600,
        req: OTHER_DIGEST,
        decision: 'approve',
      } as const;
      const accepts = (token: string): Promise<unknown> =>
        verifyToken('approval', token, { site: SITE, keyring, nowMs: START_MS });
      await accepts(approvalBy(passkey, content));
      const ceremonies: Ceremony[] = [
        ...['example', 'console.example.org', 'Console.example', ''].map(rpId => ({ rpId })),
        ...[0, 1, 4, 0x40, 0x45, 0x80, 0xc0].map(flags => ({ flags })),
        ...['webauthn.create', 'payment.get', '', null, ['webauthn.get']].map(type => ({
          clientData: { type },
        })),
        ...[
          'http://console.example',
          'https://console.example:8443',
          'https://evil.example',
          'null',
          null,
        ].map(origin => ({ clientData: { origin } })),
        ...[true, 'false', 0, [], 'x'].map(crossOrigin => ({ clientData: { crossOrigin } })),
        ...['https://evil.example', '', null].map(topOrigin => ({ clientData: { topOrigin } })),
        ...['', OTHER_DIGEST, `${OTHER_DIGEST}=`, null].map(challenge => ({ clientData: { challenge } })),
        ...[new Uint8Array(), new Uint8Array(36), new Uint8Array(37)].map(data => ({
          authenticatorData: data,
        })),
      ];
      for (const ceremony of ceremonies)
        await expect(
          accepts(approvalBy(passkey, content, ceremony)),
          JSON.stringify(ceremony),
        ).rejects.toThrow();
      const token = approvalBy(passkey, content);
      const [header = '', payload = '', proof = ''] = token.split('.');
      const assertion = JSON.parse(Buffer.from(proof, 'base64url').toString('utf8')) as Record<
        string,
        string
      >;
      const member = fc.constantFrom('authenticatorData', 'clientDataJSON', 'signature').chain(name =>
        changedBytes(Buffer.from(assertion[name]!, 'base64url')).map(bytes => ({
          ...assertion,
          [name]: Buffer.from(bytes).toString('base64url'),
        })),
      );
      const changed = fc.oneof(
        changedBytes(Buffer.from(token)).map(bytes => Buffer.from(bytes).toString('latin1')),
        member.map(each => `${header}.${payload}.${Buffer.from(JSON.stringify(each)).toString('base64url')}`),
      );
      await fc.assert(
        fc.asyncProperty(changed, async miss => {
          if (miss !== token) await expect(accepts(miss)).rejects.toThrow();
        }),
        RUNS,
      );
    },
  );
});
