import pino from 'pino';
import { expect, test } from 'vitest';
import { Incarnation } from '../../../agent/bus/index.ts';
import { journalStatementCodec } from '../../../shared/messages/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import { KEYS, type Member, tokenOf } from '../../kit/cast.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { orderContext } from '../support/order-context.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);

/** The host web-01 as it is connected, and what controllers reply to it. */
function newHost() {
  const { agent, clock, journal } = orderContext(kit, NOW_MS);
  const incarnation = new Incarnation({
    ...{ journal, identity: agent.identity, clock: agent.clock, log: pino({ level: 'silent' }) },
    controllers: () => keyringOf(kit.bundle.controllers),
  });
  incarnation.begin();
  const named = async (): Promise<string> => {
    const { journal: bytes } = await incarnation.statement();
    return Buffer.from(journalStatementCodec.decode(bytes).position.incarnation).toString('base64url');
  };
  const admission = async (changes: Record<string, unknown> = {}, by: Member = 'ctl-1'): Promise<string> => {
    const iat = Math.floor(clock.now / 1000);
    const claims = { iss: 'ctl-1', iat, exp: iat + 900, host: 'web-01', incarnation: await named() };
    return tokenOf('admission', { ...claims, ...changes }, KEYS[by]);
  };
  let runs = 0;
  const order = (): Promise<void> => incarnation.admitted().then(() => void runs++);
  return { incarnation, admission, named, order, clock, journal, runs: () => runs };
}

/** Lets everything that waits for a promise go on. */
const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

test('an order waits until a controller admits this incarnation, and from a new connection on again', async () => {
  const host = newHost();
  const first = host.order();
  await settle();
  expect(host.runs()).toBe(0);
  expect(host.incarnation.position()).toBeUndefined();
  await host.incarnation.take({ admission: await host.admission(), held: '' });
  await first;
  expect(host.incarnation.position()).toMatchObject(host.journal.position);
  host.incarnation.begin();
  void host.order();
  await settle();
  expect(host.runs()).toBe(1);
});

test('an admission ends, and with it what may run', async () => {
  const host = newHost();
  await host.incarnation.take({ admission: await host.admission(), held: '' });
  host.clock.now += 901_000;
  void host.order();
  await settle();
  expect(host.runs()).toBe(0);
});

test.each([
  ['of another host', { host: 'web-02' }, 'ctl-1', 'TOKEN_CLAIMS'],
  ['of another incarnation', { incarnation: 'A'.repeat(22) }, 'ctl-1', 'TOKEN_CLAIMS'],
  ['by who is no controller', {}, 'mallory', 'TOKEN_KEY_UNKNOWN'],
] as const)('an admission %s lets nothing run', async (_what, changes, by, code) => {
  const host = newHost();
  const admission = await host.admission(changes, by);
  await expect(host.incarnation.take({ admission, held: '' })).rejects.toMatchObject({ code });
  void host.order();
  await settle();
  expect(host.runs()).toBe(0);
});

test('an admission of the incarnation before is worth nothing after the next connection', async () => {
  const host = newHost();
  const admission = await host.admission();
  host.incarnation.begin();
  await expect(host.incarnation.take({ admission, held: '' })).rejects.toMatchObject({
    code: 'TOKEN_CLAIMS',
  });
});

test('the orders of a host that is held are let go, until it is admitted again', async () => {
  const host = newHost();
  const waiting = host.order();
  await host.incarnation.take({ held: 'its journal went back' });
  await expect(waiting).rejects.toMatchObject({ code: 'CONFLICT', message: 'its journal went back' });
  await expect(host.order()).rejects.toMatchObject({ code: 'CONFLICT' });
  const since = NOW_MS / 1000;
  await host.incarnation.take({ admission: await host.admission({ since }), held: '' });
  await host.order();
  expect(host.runs()).toBe(1);
  const lifetime = { id: 'r', createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 1000 };
  expect(() => host.journal.refuseIfForgotten(lifetime)).toThrow(/may have run, or not/);
});

test('each statement of a host has a later time than the one before, whatever the clock does', async () => {
  const host = newHost();
  const times: number[] = [];
  for (const stepMs of [0, 0, -5000, 10, 60_000]) {
    host.clock.now += stepMs;
    times.push(journalStatementCodec.decode((await host.incarnation.statement()).journal).observedAtMs);
  }
  expect(times).toEqual([...new Set(times)].sort((one, other) => one - other));
});
