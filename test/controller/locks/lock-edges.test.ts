import { describe, expect, it } from 'vitest';
import { openLockRegistry, suspendFloodingHost, withHostLocks } from '../../../controller/locks/index.ts';
import type { HostKeyStore, HostStore, LockRecord } from '../../../controller/store/index.ts';
import { keyId } from '../../../shared/tokens/index.ts';
import { BUNDLE, KEYS, START_MS } from '../../kit/cast.ts';
import { lockOf } from '../../kit/decisions.ts';

function lockOn(kind: LockRecord['kind'], name: string, changes: Partial<LockRecord> = {}): LockRecord {
  const proof = { lockedBy: 'carol', lockedAtMs: START_MS, token: `lock on ${name}` };
  return { kind, name, kids: [], reason: 'stolen', ...proof, ...changes } as unknown as LockRecord;
}

/** A registry over what `read` has then, with the number of errors that it logged. */
async function registryOver(read: { standing?: LockRecord[]; ended?: string[]; lost?: LockRecord[] }) {
  const errors: object[] = [];
  const locks = {
    read: async () => ({
      standing: read.standing ?? [],
      ended: new Set(read.ended),
      lost: read.lost ?? [],
    }),
  };
  const logger = { error: (detail: object) => void errors.push(detail) };
  const registry = await openLockRegistry({ locks, newest: () => BUNDLE, log: logger as never });
  return { registry, errors };
}

describe('a lock whose row is gone', () => {
  it('a lock whose row is gone, of which the log does not tell either, stands where it was known', async () => {
    const read: Parameters<typeof registryOver>[0] = {
      standing: [lockOn('person', 'bob', { kids: ['k1'] })],
    };
    const { registry } = await registryOver(read);
    read.standing = [];
    expect(await registry.refresh()).toBe(false);
    expect([...registry.lockedKids()]).toEqual(['k1']);
    read.ended = ['lock on bob'];
    expect(await registry.refresh()).toBe(true);
    expect(registry.all()).toEqual([]);
  });

  it('a lock whose row is gone is said once, and again when another one is lost', async () => {
    const [bob, one] = [lockOn('person', 'bob'), lockOn('host', 'one')];
    const read: Parameters<typeof registryOver>[0] = { standing: [bob, one] };
    const { registry, errors } = await registryOver(read);
    expect(errors).toEqual([]);
    read.standing = [one];
    await registry.refresh();
    await registry.refresh();
    expect(errors).toEqual([{ locks: ['person bob'] }]);
    read.standing = [];
    await registry.refresh();
    expect(errors[1]).toEqual({ locks: ['host one', 'person bob'] });
    read.standing = [bob, one];
    await registry.refresh();
    expect(errors).toHaveLength(2);
    read.standing = [bob];
    await registry.refresh();
    expect(errors[2]).toEqual({ locks: ['host one'] });
  });

  it('a lock whose row is gone and that nobody signed does not stand', async () => {
    const { registry, errors } = await registryOver({ lost: [lockOn('person', 'bob', { kids: ['k1'] })] });
    expect([registry.all(), [...registry.lockedKids()], errors]).toEqual([[], [], []]);
  });

  it('a lock whose row is gone is on what its token says, and on no key of another person', async () => {
    const token = await lockOf('carol', { what: 'person', name: 'bob' });
    const [bobs, alices] = [keyId(KEYS.bob.publicJwk), keyId(KEYS.alice.publicJwk)];
    const forged = lockOn('person', 'alice', {
      token,
      kids: [bobs, alices],
      reason: 'made up',
      lockedBy: 'x',
    });
    const { registry } = await registryOver({ lost: [forged] });
    expect(registry.all()).toMatchObject([
      { name: 'bob', lockedBy: 'carol', reason: 'stolen', kids: [bobs] },
    ]);
    expect([...registry.lockedKids()]).toEqual([bobs]);
  });
});

describe('a host whose lock is known here alone', () => {
  const locks = [lockOn('person', 'two'), lockOn('host', 'one'), lockOn('host', 'three', { reason: 'odd' })];
  const records = [{ host: 'one' }, { host: 'two' }, { host: 'three', lockReason: 'its own' }];
  const find = async (host: string) => records.find(each => each.host === host);
  const store = withHostLocks(
    {
      hosts: { find, all: async () => records } as unknown as HostStore,
      hostKeys: { find } as unknown as HostKeyStore,
    },
    { all: () => locks },
  );

  it.each(['hosts', 'hostKeys'] as const)(
    'a host whose lock is known here alone is locked in %s',
    async where => {
      expect((await store[where].find('one'))?.lockReason).toBe('stolen');
      expect((await store[where].find('two'))?.lockReason).toBeUndefined();
      expect((await store[where].find('three'))?.lockReason).toBe('its own');
      expect(await store[where].find('four')).toBeUndefined();
    },
  );

  it('a host whose lock is known here alone is locked in the list of all hosts', async () => {
    const all = await store.hosts.all();
    expect(all.map(({ lockReason }) => lockReason)).toEqual(['stolen', undefined, 'its own']);
  });
});

describe('a host that floods', () => {
  const flooded = (find: (host: string) => Promise<{ nkey: string } | undefined>) => {
    const suspended: string[] = [];
    const warned: object[] = [];
    const suspend = suspendFloodingHost({
      hostKeys: { find } as never,
      loginEnforcer: {
        async suspend(nkey) {
          suspended.push(nkey);
          return 'changed';
        },
      },
      log: { warn: (detail: object) => void warned.push(detail) } as never,
    });
    return { suspend, suspended, warned };
  };

  it('a host that floods loses its own login, and each time again', async () => {
    const { suspend, suspended } = flooded(async host => ({ nkey: `U${host}` }));
    await suspend('one');
    await suspend('two');
    await suspend('one');
    expect(suspended).toEqual(['Uone', 'Utwo', 'Uone']);
  });

  it('a host that floods while its login is looked up is looked up once', async () => {
    const { suspend, suspended } = flooded(async host => ({ nkey: `U${host}` }));
    await Promise.all([suspend('one'), suspend('one'), suspend('two')]);
    expect(suspended).toEqual(['Uone', 'Utwo']);
  });

  it('a host that floods and is not enrolled, or cannot be looked up, takes nobody else off the broker', async () => {
    let answer: Promise<undefined> = Promise.resolve(undefined);
    const { suspend, suspended, warned } = flooded(() => answer);
    await suspend('one');
    expect(warned).toEqual([]);
    answer = Promise.reject(new Error('the disk says no'));
    await suspend('one');
    answer = Promise.resolve(undefined);
    await suspend('one');
    expect(warned).toMatchObject([{ host: 'one', code: 'INTERNAL' }]);
    expect(suspended).toEqual([]);
  });
});
