import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { ResultSender } from '../../../agent/bus/index.ts';
import { runOrder } from '../../../agent/run-order/index.ts';
import { resultCommittedCodec, resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import { digestText, type SigningKey, sha256 } from '../../../shared/tokens/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import { KEYS, tokenOf } from '../../kit/cast.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { orderContext } from '../support/order-context.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);

/** A token like that of a controller, with what `changes` say. */
function committed(
  result: Uint8Array,
  { key = KEYS['ctl-1'], iss = 'ctl-1', of = [result], agoS = 0 }: Forgery = {},
): Promise<string> {
  const iat = NOW_MS / 1000 - agoS;
  const results = of.map(bytes => digestText(sha256(bytes)));
  return tokenOf('committed', { iss, iat, exp: iat + 60, results }, key);
}

interface Forgery {
  readonly key?: SigningKey;
  readonly iss?: string;
  readonly of?: readonly Uint8Array[];
  readonly agoS?: number;
}

/** Sends one result over a bus that answers with what `token` makes; says whether it is still pending. */
async function isKept(token: (result: Uint8Array) => Promise<string>): Promise<boolean> {
  const { agent, journal } = orderContext(kit, NOW_MS);
  await runOrder((await kit.order()).envelope, agent);
  const bus = {
    async request(_topic: string, bytes: Uint8Array) {
      const { result } = resultEnvelopeCodec.decode(bytes);
      const answer = {
        resultDigest: sha256(result),
        committed: true,
        reason: '',
        token: await token(result),
      };
      return resultCommittedCodec.encode(answer);
    },
  };
  const sender = new ResultSender({
    ...{ bus, journal, identity: agent.identity, clock: agent.clock, random: () => 1 },
    log: pino({ level: 'silent' }),
    controllers: () => keyringOf(kit.bundle.controllers),
    checkpoint: async () => undefined,
    rejected: () => undefined,
  });
  onTestFinished(() => sender.stop());
  sender.wake();
  await sender.idle();
  return journal.pending().length === 1;
}

test('a result is dropped once a controller has signed for it, alone or among others', async () => {
  expect(await isKept(result => committed(result))).toBe(false);
  const many = Array.from({ length: 63 }, (_, index) => Buffer.from([index]));
  expect(await isKept(result => committed(result, { of: [...many, result] }))).toBe(false);
});

const forgeries: [what: string, token: (result: Uint8Array) => Promise<string>][] = [
  ['nobody signed', async () => ''],
  ['a stranger signed', result => committed(result, { key: KEYS.mallory })],
  ['an approver signed', result => committed(result, { key: KEYS.bob, iss: 'bob' })],
  ['a controller signed of other results', result => committed(result, { of: [Buffer.from('other')] })],
  ['a controller signed long ago', result => committed(result, { agoS: 7200 })],
  ['a controller signed something else', async () => await kit.approval('ctl-1', Buffer.from('x'))],
];
test.each(forgeries)('a result stays where %s', async (_what, token) => {
  expect(await isKept(token)).toBe(true);
});
