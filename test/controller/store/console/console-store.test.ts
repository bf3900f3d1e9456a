import { describe, expect, it } from 'vitest';
import type { ConsoleSession, ConsoleTicket } from '../../../../controller/store/index.ts';
import { START_MS } from '../../../kit/cast.ts';
import { testClock } from '../../../kit/controller-kit.ts';
import { ENGINES } from '../../../kit/engines.ts';

const SESSION: ConsoleSession = {
  ...{ id: 'a'.repeat(64), person: 'alice', kid: 'kid-of-alice', signInMethod: 'passkey' },
  ...{ usedAtMs: START_MS, endsAtMs: START_MS + 100_000 },
};
const CODE: ConsoleTicket = {
  ...{ id: 'b'.repeat(64), kind: 'code', person: 'alice', kid: 'kid-of-alice' },
  endsAtMs: START_MS + 60_000,
};

describe.each(ENGINES)('the store of the console in $name', engine => {
  const stores = engine.use();

  it('the store of the console has sessions until they end, and those that are over go when another begins', async () => {
    const clock = testClock();
    const { consoles } = (await stores.open(clock)).store;
    await consoles.open(SESSION);
    expect(await consoles.find(SESSION.id)).toEqual(SESSION);
    await consoles.used(SESSION.id, START_MS + 5);
    expect(await consoles.find(SESSION.id)).toEqual({ ...SESSION, usedAtMs: START_MS + 5 });
    clock.advance(100_001);
    const next = { ...SESSION, id: 'c'.repeat(64), endsAtMs: START_MS + 200_000 };
    await consoles.open(next);
    expect(await consoles.find(SESSION.id)).toBeUndefined();
    await consoles.end(next.id);
    expect(await consoles.find(next.id)).toBeUndefined();
  });

  it('the store of the console takes a ticket back once, of its kind and in its time, even if several ask at once', async () => {
    const clock = testClock();
    const { store, location } = await stores.open(clock);
    const other = engine.isShared ? await stores.openAgain(location, clock) : store;
    await store.consoles.issue(CODE);
    expect(await other.consoles.redeem(CODE.id, 'challenge', START_MS)).toBeUndefined();
    const taken = await Promise.all(
      [store, other, store, other].map(({ consoles }) => consoles.redeem(CODE.id, 'code', START_MS)),
    );
    expect(taken.filter(ticket => ticket)).toEqual([CODE]);
    await store.consoles.issue(CODE);
    expect(await other.consoles.redeem(CODE.id, 'code', CODE.endsAtMs + 1)).toBeUndefined();
    expect(await other.consoles.redeem(CODE.id, 'code', START_MS)).toBeUndefined();
  });

  it('the store of the console writes into the log who signed in, how and by which key, and no secret', async () => {
    const { store } = await stores.open(testClock());
    await store.consoles.issue(CODE);
    await store.consoles.open(SESSION);
    const entries = await store.audit.page({ afterSeq: 0, limit: 10 });
    expect(entries).toMatchObject([{ kind: 'console-signed-in', actor: 'alice' }]);
    expect(JSON.stringify(entries)).not.toContain(SESSION.id);
  });
});
