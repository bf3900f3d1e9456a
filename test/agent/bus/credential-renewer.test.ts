import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CredentialRenewer } from '../../../agent/bus/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { credentialReplyCodec } from '../../../shared/messages/index.ts';

const START_S = 1_790_000_000;
const DAY_S = 86_400;

beforeEach(() => vi.useFakeTimers({ now: START_S * 1000 }));
afterEach(() => vi.useRealTimers());

function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ sub: 'UA', name: 'web-1', ...claims })}.c2ln`;
}

const WEEK = { iat: START_S, exp: START_S + 7 * DAY_S };

/** A keeper whose controller answers with what `next` says at that moment. */
function keeper(next: () => string, first = jwt(WEEK)) {
  const kept = { credential: first, asked: 0 };
  const counted = { renewals: 0 };
  const made = new CredentialRenewer({
    host: 'web-1',
    bus: {
      async request() {
        kept.asked++;
        return credentialReplyCodec.encode({ credential: next() });
      },
    },
    file: {
      read: () => kept.credential,
      write(credential) {
        kept.credential = credential;
      },
    },
    clock: { nowMs: () => Date.now() },
    log: pino({ level: 'silent' }),
    random: () => 0.5,
    renewed() {
      counted.renewals++;
    },
  });
  return { kept, made, counted };
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

test('a credential is renewed when half of its life is over, and the next one after that', async () => {
  const later = jwt({ iat: START_S + 3.5 * DAY_S, exp: START_S + 10.5 * DAY_S });
  const { kept, made, counted } = keeper(() => later);
  made.connected();
  await pass(3.5 * DAY_S - 1);
  expect(kept.asked).toBe(0);
  await pass(2);
  expect(kept).toEqual({ credential: later, asked: 1 });
  expect(counted.renewals).toBe(1);
  await pass(3.4 * DAY_S);
  expect(kept.asked).toBe(1);
  await pass(0.2 * DAY_S);
  // It is half over, and the controller has no newer one: asked for again every five seconds, no more.
  expect(kept.asked).toBeGreaterThan(1);
  expect(kept.asked).toBeLessThan((0.2 * DAY_S) / 5);
  made.stop();
});

test.each([
  ['for another nkey', { ...WEEK, sub: 'UB' }],
  ['for another host', { ...WEEK, name: 'web-2' }],
  ['that ends earlier', { iat: START_S, exp: START_S + DAY_S }],
])('a new credential %s is refused, and the agent asks again', async (_name, claims) => {
  const { kept, made } = keeper(() => jwt(claims));
  made.connected();
  await pass(3.5 * DAY_S + 60);
  expect(kept.credential).toBe(jwt(WEEK));
  expect(kept.asked).toBeGreaterThan(1);
  made.stop();
});

test('a credential is asked for again, less and less often, while no controller answers', async () => {
  const { kept, made } = keeper(() => {
    throw new FarcallError('UNREACHABLE', 'nobody is there');
  });
  made.connected();
  await pass(3.5 * DAY_S + 3600);
  expect(kept.asked).toBeGreaterThan(5);
  expect(kept.asked).toBeLessThan(20);
  made.stop();
  const { asked } = kept;
  await pass(DAY_S);
  expect(kept.asked).toBe(asked);
});

test('a credential that does not expire is left alone, and a broken file stops nothing', async () => {
  const endless = keeper(() => jwt(WEEK), jwt({ iat: START_S }));
  endless.made.connected();
  const broken = keeper(() => jwt(WEEK), 'stray');
  broken.made.connected();
  await pass(30 * DAY_S);
  expect([endless.kept.asked, broken.kept.asked]).toEqual([0, 0]);
});
