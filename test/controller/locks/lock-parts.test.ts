import { describe, expect, it } from 'vitest';
import {
  type LoginEnforcer,
  lockManagement,
  lockTask,
  loginEnforcer,
  openLockRegistry,
} from '../../../controller/locks/index.ts';
import { createLogger } from '../../../controller/log/index.ts';
import type { LockRecord } from '../../../controller/store/index.ts';
import { keyId } from '../../../shared/tokens/index.ts';
import { bundleAt, entryOf, KEYS, SITE, START_MS } from '../../kit/cast.ts';
import { lockOf } from '../../kit/decisions.ts';

const log = createLogger('silent');
const freeLogins = async () => new Set<string>();
const lockOn = (name: string, ...kids: string[]): LockRecord =>
  ({
    kind: 'person',
    name,
    kids,
    reason: 'stolen',
    lockedBy: 'carol',
    lockedAtMs: START_MS,
    token: `lock on ${name}`,
  }) as unknown as LockRecord;

describe('the registry of locks', () => {
  it('the registry of locks has what stood when it was opened, and takes in changes when it is told to', async () => {
    let standing = [lockOn('bob', 'k1', 'k2')];
    let ended = new Set<string>();
    const locks = { read: async () => ({ standing, ended, lost: [] }) };
    const registry = await openLockRegistry({ locks, newest: () => undefined, log });
    const kids = registry.lockedKids();
    expect([...kids]).toEqual(['k1', 'k2']);
    standing = [lockOn('bob', 'k1', 'k2')];
    expect(await registry.refresh()).toBe(false);
    expect(registry.lockedKids()).toBe(kids);
    standing = [lockOn('alice', 'k3')];
    ended = new Set(['lock on bob']);
    expect(await registry.refresh()).toBe(true);
    expect([[...registry.lockedKids()], registry.all()]).toEqual([['k3'], standing]);
  });
});

describe('the logins that the broker refuses', () => {
  const enforcerWith = (enforce?: () => Promise<boolean>, since: number[] = []) =>
    loginEnforcer({
      locks: {
        async revokedLogins(sinceMs) {
          since.push(sinceMs);
          return new Map();
        },
        freeLogins,
      },
      lockRegistry: { all: () => [] },
      brokerLogins: enforce && ({ enforce } as never),
      ...{ credentialLifeMs: 1000, clock: { nowMs: () => START_MS }, log },
    });

  it('the logins that the broker refuses are told, or it is said why not', async () => {
    const since: number[] = [];
    expect(await enforcerWith(async () => true, since).enforce()).toBe('changed');
    expect(await enforcerWith(async () => false).enforce()).toBe('changed');
    expect(await enforcerWith().enforce()).toBe('unable');
    expect(await enforcerWith(() => Promise.reject(new Error('away'))).enforce()).toBe('later');
    expect(since).toEqual([START_MS - 1000 - 3_600_000]);
  });

  it('the logins that the broker refuses are those of flooding hosts too, for ten minutes', async () => {
    const told: ReadonlyMap<string, number>[] = [];
    let nowMs = START_MS;
    const enforcer = loginEnforcer({
      locks: { revokedLogins: async () => new Map([['UGONE', 7]]), freeLogins },
      lockRegistry: { all: () => [] },
      brokerLogins: { enforce: async revoked => told.push(revoked) > 0 },
      ...{ credentialLifeMs: 1000, clock: { nowMs: () => nowMs }, log },
    });
    expect(await enforcer.suspend('UFLOOD')).toBe('changed');
    const both = new Map([
      ['UFLOOD', START_MS / 1000 + 600],
      ['UGONE', 7],
    ]);
    nowMs += 599_999;
    await enforcer.enforce();
    nowMs += 1;
    await enforcer.enforce();
    expect(told).toEqual([both, both, new Map([['UGONE', 7]])]);
  });

  it('the logins that the broker refuses are those of locked hosts, also where their hosts flood', async () => {
    const told: ReadonlyMap<string, number>[] = [];
    const enforcer = loginEnforcer({
      locks: { revokedLogins: async () => new Map([['UBOTH', 253_402_300_799]]), freeLogins },
      lockRegistry: { all: () => [] },
      brokerLogins: { enforce: async revoked => told.push(revoked) > 0 },
      ...{ credentialLifeMs: 1000, clock: { nowMs: () => START_MS }, log },
    });
    await enforcer.suspend('UBOTH');
    for (let count = 0; count < 1100; count++) void enforcer.suspend(`U${count}`);
    await enforcer.enforce();
    expect(told[0]).toEqual(new Map([['UBOTH', 253_402_300_799]]));
    expect(told.at(-1)?.size).toBe(1000);
  });

  it('the logins that the broker refuses are told one after the other', async () => {
    const events: string[] = [];
    const enforcer = enforcerWith(async () => {
      events.push('begins');
      await Promise.resolve();
      events.push('ends');
      return true;
    });
    await Promise.all([enforcer.enforce(), enforcer.enforce()]);
    expect(events).toEqual(['begins', 'ends', 'begins', 'ends']);
  });

  it('the logins that the broker refuses are compared every half minute, also after a clock was set back', async () => {
    let nowMs = START_MS;
    let told = 0;
    let answer: Awaited<ReturnType<LoginEnforcer['enforce']>> = 'changed';
    const keep = lockTask();
    const run = () =>
      keep({
        lockRegistry: { refresh: async () => false },
        loginEnforcer: {
          async enforce() {
            told++;
            return answer;
          },
        },
        clock: { nowMs: () => nowMs },
      });
    await run();
    nowMs += 29_999;
    await run();
    expect(told).toBe(1);
    nowMs += 1;
    await run();
    expect(told).toBe(2);
    await run();
    nowMs -= 1;
    await run();
    expect(told).toBe(3);
    answer = 'later';
    nowMs += 30_000;
    await run();
    await run();
    expect(told).toBe(5);
  });
});

describe('a lock of a person or controller', () => {
  it('a lock of a person or controller is on all of their keys, in order, each once', async () => {
    const set: LockRecord[] = [];
    const bundle = bundleAt(START_MS, {
      requesters: [entryOf('alice'), entryOf('bob')],
      approvers: [entryOf('alice'), entryOf('bob', 'bob2'), entryOf('carol')],
    });
    const management = lockManagement({
      locks: {
        async set(record: object) {
          set.push(record as LockRecord);
          return record;
        },
      } as never,
      hostKeys: { find: async () => undefined },
      lockRegistry: { all: () => set, lockedKids: () => new Set(), refresh: async () => true },
      loginEnforcer: { enforce: async () => 'unable' },
      trust: { site: SITE, current: () => bundle, signed: () => bundle, lasting: () => bundle },
      log,
      clock: { nowMs: () => START_MS },
    });
    const lock = async (what: 'person' | 'controller', name: string) =>
      management.lock({ token: await lockOf('carol', { what, name }) }, 'carol');
    const view = await lock('person', 'bob');
    expect(view).not.toHaveProperty('kids');
    expect(view).toMatchObject({ name: 'bob', broker: 'unable' });
    await lock('person', 'alice');
    await lock('controller', 'ctl-1');
    const kids = (...members: (keyof typeof KEYS)[]) =>
      members.map(each => keyId(KEYS[each].publicJwk)).sort();
    expect(set.map(each => each.kids)).toEqual([kids('bob', 'bob2'), kids('alice'), kids('ctl-1')]);
    await expect(lock('controller', 'bob')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(lock('person', 'ctl-1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(management.list().every(each => !('kids' in each))).toBe(true);
  });
});
