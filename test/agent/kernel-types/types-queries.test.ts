import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { typesQueries } from '../../../agent/kernel-types/index.ts';
import {
  answerQuery,
  type QueryContext,
  type QueryHandler,
  queryQueue,
} from '../../../agent/queries/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  KERNEL_TYPES_LIMITS,
  PROTOCOL_VERSION,
  signedTypesReplyCodec,
  type TypesQuery,
  type TypesReply,
  typesEnvelopeCodec,
  typesQueryCodec,
  typesReplyCodec,
} from '../../../shared/messages/index.ts';
import { digestText, publicKeyOf, sha256, type TokenContent } from '../../../shared/tokens/index.ts';
import { claimsIn, KEYS, type Member, tokenOf } from '../../kit/cast.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { type ContextChanges, orderContext } from '../support/order-context.ts';
import { KERNEL_FACTS } from '../support/stand-in-stages.ts';

const NOW_MS = 1_790_000_000_000;
const kit = orderKit(NOW_MS);
/** Not to be compressed, and of two parts and a bit. */
const PACKED = Buffer.alloc(2 * KERNEL_TYPES_LIMITS.partBytes + 100, 'kernel');

interface Asking {
  readonly query?: Partial<TypesQuery>;
  readonly by?: Member;
  readonly token?: Partial<TokenContent<'types'>>;
  readonly kind?: 'types' | 'plan';
}

async function envelope({ query = {}, by = 'ctl-1', token = {}, kind = 'types' }: Asking = {}) {
  const bytes = typesQueryCodec.encode({
    ...{ protocol: PROTOCOL_VERSION, id: 'types001', host: 'web-01', offset: 0, createdAtMs: NOW_MS },
    ...query,
  });
  const iat = NOW_MS / 1000;
  const claims = { iss: by, iat, exp: iat + 60, sha256: digestText(sha256(bytes)), ...token };
  return typesEnvelopeCodec.encode({ query: bytes, token: await tokenOf(kind, claims, KEYS[by]) });
}

describe('a question for types', () => {
  const types = vi.fn(async () => PACKED as Uint8Array);
  let setUp: ReturnType<typeof orderContext>;
  let handler: QueryHandler<TypesQuery>;

  beforeEach(() => {
    types.mockClear();
    setUp = orderContext(kit, NOW_MS, { stages: { types } });
    handler = typesQueries(setUp.agent);
  });

  function answer(
    bytes: Uint8Array,
    context: QueryContext = setUp.agent,
    by: QueryHandler<TypesQuery> = handler,
  ): Promise<Uint8Array> {
    return answerQuery(bytes, by, { context, mayReply: () => true });
  }

  async function ask(asking: Asking = {}, changes?: ContextChanges): Promise<TypesReply> {
    const { agent } = changes ? orderContext(kit, NOW_MS, { stages: { types }, ...changes }) : setUp;
    const bytes = await answer(await envelope(asking), agent, changes ? typesQueries(agent) : handler);
    return typesReplyCodec.decode(signedTypesReplyCodec.decode(bytes).reply);
  }

  it('a question for types is answered part by part, signed by this host; it is packed once for all of them', async () => {
    const bytes = await answer(await envelope());
    const { reply, signature } = signedTypesReplyCodec.decode(bytes);
    const { key } = setUp.agent.identity;
    const keyring = new Map([[key.kid, { owner: 'web-01', key: publicKeyOf(key.publicJwk) }]]);
    const { claims } = await claimsIn('result', signature, { keyring, nowMs: NOW_MS });
    expect(claims).toMatchObject({ what: 'types', sha256: digestText(sha256(reply)) });
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < PACKED.length; offset += parts.at(-1)!.length) {
      const { part, kernelRelease } = await ask({ query: { offset } });
      expect(kernelRelease).toBe(KERNEL_FACTS.kernelRelease);
      expect(part).toMatchObject({ packedBytes: PACKED.length, digest: Buffer.from(sha256(PACKED)) });
      parts.push(part!.bytes);
    }
    expect(Buffer.concat(parts).equals(PACKED)).toBe(true);
    expect(parts.length).toBe(3);
    expect(types).toHaveBeenCalledTimes(1);
  });

  it.each<[string, Asking, string]>([
    ['by nobody that this host knows', { by: 'mallory' }, 'TOKEN_KEY_UNKNOWN'],
    ['by somebody who may only ask for calls', { by: 'alice' }, 'TOKEN_KEY_UNKNOWN'],
    ['for other bytes', { token: { sha256: digestText(sha256(Buffer.from('x'))) } }, 'TOKEN_CLAIMS'],
    ['for another host', { query: { host: 'web-02' } }, 'NOT_SELECTED'],
    ['that is old', { token: { iat: NOW_MS / 1000 - 200, exp: NOW_MS / 1000 - 100 } }, 'TOKEN_EXPIRED'],
    ['with a token for a plan', { kind: 'plan' }, 'TOKEN_CLAIMS'],
  ])('%s is not answered', async (_name, asking, code) => {
    await expect(ask(asking)).rejects.toMatchObject({ code });
    expect(types).not.toHaveBeenCalled();
  });

  it('a question for types is refused where the policy forbids plans, and where there is no such part', async () => {
    const { refusal, part } = await ask({}, { policy: { plan: 'none' } });
    expect([refusal?.code, part]).toEqual(['POLICY_REFUSED', undefined]);
    expect(types).not.toHaveBeenCalled();
    expect((await ask({ query: { offset: PACKED.length } })).refusal?.code).toBe('MESSAGE_INVALID');
  });

  it('a question for types is answered with why it cannot be, and a limited number of times', async () => {
    types.mockRejectedValue(new FarcallError('KERNEL_LACKS', 'no BTF'));
    for (let times = 0; times < 6; times++)
      expect((await ask()).refusal).toEqual({ code: 'KERNEL_LACKS', message: 'no BTF' });
    expect((await ask()).refusal?.code).toBe('RATE_LIMITED');
    expect(types).toHaveBeenCalledTimes(6);
    setUp.clock.now += 600_000;
    types.mockResolvedValue(PACKED);
    const [iat, exp] = [setUp.clock.now / 1000, setUp.clock.now / 1000 + 60];
    const bytes = await answer(await envelope({ token: { iat, exp } }));
    expect(typesReplyCodec.decode(signedTypesReplyCodec.decode(bytes).reply).part).toBeDefined();
  });

  it('types that take minutes to pack are kept until the controller that gave up asks again', async () => {
    vi.useFakeTimers();
    try {
      types.mockImplementation(async () => {
        await new Promise(resolve => setTimeout(resolve, 120_000));
        setUp.clock.now += 120_000;
        return PACKED;
      });
      const askNow = () => {
        const iat = setUp.clock.now / 1000;
        return ask({ token: { iat, exp: iat + 60 } });
      };
      const first = askNow();
      await vi.advanceTimersByTimeAsync(120_000);
      await first;
      await vi.advanceTimersByTimeAsync(300_000);
      await askNow();
      expect(types).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(3 * 120_000);
      const later = askNow();
      await vi.advanceTimersByTimeAsync(120_000);
      await later;
      expect(types).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
      types.mockImplementation(async () => PACKED);
    }
  });

  it('a question for types comes to a desk that answers one at a time, turns many away, and has an end', async () => {
    const published: Uint8Array[] = [];
    const bus = { publish: (_topic: string, bytes: Uint8Array) => void published.push(bytes) };
    const queue = queryQueue(handler, { bus, context: setUp.agent, catchUp: async () => undefined });
    const question = await envelope();
    for (let count = 0; count < 20; count++) queue.take(question);
    await queue.idle();
    expect(published.length).toBe(9);
    expect(setUp.agent.counters.all()).toMatchObject({ 'types.answered': 9, 'types.turned-away': 11 });
    for (let round = 0; round < 40; round++) {
      for (let count = 0; count < 8; count++) queue.take(question);
      await queue.idle();
    }
    expect(setUp.agent.counters.all()).toMatchObject({ 'types.answered': 300 });
    expect(setUp.agent.counters.all()['types.ignored.RATE_LIMITED']).toBeGreaterThan(0);
    queue.stop();
    queue.take(question);
    await queue.idle();
    expect(published.length).toBe(300);
  });

  it('a question for types of any bytes is an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
        await expect(answer(bytes)).rejects.toBeInstanceOf(FarcallError);
      }),
      { numRuns: 50 },
    );
  });
});
