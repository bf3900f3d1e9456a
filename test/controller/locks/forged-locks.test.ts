import { describe, expect, it } from 'vitest';
import { answerOrdersQuery } from '../../../controller/gather/index.ts';
import { type LockRegistry, loginEnforcer, openLockRegistry } from '../../../controller/locks/index.ts';
import { createLogger } from '../../../controller/log/index.ts';
import type { ForgedRow, Store } from '../../../controller/store/index.ts';
import { operatorKeys } from '../../../controller/trust/index.ts';
import { keyId } from '../../../shared/tokens/index.ts';
import { BUNDLE, HOSTS, KEYS, START_MS } from '../../kit/cast.ts';
import { codeOf, introduce, lock, partsOn, removeHost, testClock, unlock } from '../../kit/controller-kit.ts';
import { ENGINES } from '../../kit/engines.ts';
import { ordersQueryOf } from '../../kit/host-statements.ts';

const log = createLogger('silent');
const { one, two } = HOSTS;
const nkeyOf = async (store: Store, host: string): Promise<string> =>
  (await store.hostKeys.find(host))?.nkey ?? 'none';

/** What somebody who can write to the database, and has no key, does to the row of the lock on a host. */
const TAMPERED = [
  ['an end', `update locks set ended_by = 'bob', ended_at_ms = ${START_MS}, end_token = 'made up'`],
  ['another host', "update locks set name = 'two'"],
  ['another kind', "update locks set kind = 'person', kids = '[]'"],
  ['no row', 'delete from locks'],
] as const;

describe.each(ENGINES)(
  'a lock in a store in $name that somebody can write to without the store key',
  engine => {
    const stores = engine.use();

    /** A host and a person that are locked, at a controller that runs and at one that starts afterwards. */
    const locked = async () => {
      const clock = testClock();
      const forged: ForgedRow[] = [];
      const { store, location } = await stores.open(clock, forged);
      const parts = partsOn(store, clock);
      await introduce(parts);
      await lock(parts, 'carol', { kind: 'host', name: one.name });
      await lock(parts, 'carol', { kind: 'person', name: 'bob' });
      return {
        ...{ store, parts, clock, forged },
        write: (sql: string) => stores.sql(location, sql),
        restarted: () => openLockRegistry({ locks: store.locks, newest: () => BUNDLE, log }),
      };
    };
    const namesIn = (registry: LockRegistry) => registry.all().map(({ kind, name }) => `${kind} ${name}`);

    it.each(TAMPERED)('a lock stands at every controller though its row has %s', async (_what, sql) => {
      const { parts, store, write, restarted, clock } = await locked();
      const nkey = await nkeyOf(store, one.name);
      await write(sql);
      await parts.lockRegistry.refresh();
      for (const registry of [parts.lockRegistry, await restarted()]) {
        expect(namesIn(registry).sort()).toEqual([`host ${one.name}`, 'person bob']);
        expect(registry.lockedKids()).toContain(keyId(KEYS.bob.publicJwk));
        expect([...(await store.locks.revokedLogins(0, registry.all())).keys()]).toContain(nkey);
      }
      expect(operatorKeys(parts.trust.current()).keyring.has(keyId(KEYS.bob.publicJwk))).toBe(false);
      const bytes = await ordersQueryOf(one, clock.nowMs());
      expect(await codeOf(answerOrdersQuery(parts, { host: one.name, bytes }))).toBe('LOCKED');
    });

    it.each(TAMPERED)('a lock whose row has %s ends by the signature of an approver', async (_what, sql) => {
      const { parts, write, restarted } = await locked();
      const tokens = parts.lockRegistry.all();
      await write(sql);
      await unlock(parts, 'carol', { kind: 'host', name: one.name }, tokens);
      expect(namesIn(parts.lockRegistry)).toEqual(['person bob']);
      expect(namesIn(await restarted())).toEqual(['person bob']);
    });

    it('a lock whose row got an end that no controller wrote stands, even if the log has lost its entry', async () => {
      const { write, restarted } = await locked();
      await write(TAMPERED[0][1]);
      await write(
        engine.name === 'SQLite'
          ? 'drop trigger audit_no_delete'
          : 'alter table audit disable trigger audit_only_grows',
      );
      await write("delete from audit where kind = 'lock-set'");
      expect(namesIn(await restarted()).sort()).toEqual([`host ${one.name}`, 'person bob']);
    });

    it('a lock that nobody signed locks nobody, as a row, as an entry of the log, or as both', async () => {
      const { parts, write, restarted, forged } = await locked();
      await write("update locks set mac = (select mac from locks where kind = 'host') where kind = 'person'");
      await write(
        "insert into locks select 'person', 'carol', kids, reason, 'bob', locked_at_ms, 'made up', null, null, null, mac from locks where kind = 'person'",
      );
      await write(
        `insert into audit select seq + 1, at_ms, kind, actor, null, null, replace(detail, '"bob"', '"carol"'), hash from audit where seq = (select max(seq) from audit)`,
      );
      await parts.lockRegistry.refresh();
      for (const registry of [parts.lockRegistry, await restarted()])
        expect(namesIn(registry).sort()).toEqual([`host ${one.name}`, 'person bob']);
      expect(forged.map(({ claims }) => claims['name'])).toContain('carol');
    });

    it('a login is not refused because somebody wrote that its host was removed', async () => {
      const { store, write } = await locked();
      await write(`update host_keys set ended_at_ms = ${START_MS} where host = '${two.name}'`);
      expect(await store.locks.revokedLogins(0, [])).toEqual(new Map());
    });

    it('an entry of the log that cannot be read keeps no lock from being adopted, and no login from being refused', async () => {
      const { parts, store, write, restarted } = await locked();
      const nkey = await nkeyOf(store, two.name);
      for (const [kind, host] of [
        ['lock-set', 'null'],
        ['host-enrolled', `'${two.name}'`],
      ])
        await write(
          `insert into audit select seq + 1, 0, '${kind}', 'eve', null, ${host}, '{', hash from audit order by seq desc limit 1`,
        );
      await write("delete from locks where kind = 'host'");
      await parts.lockRegistry.refresh();
      for (const registry of [parts.lockRegistry, await restarted()])
        expect(namesIn(registry).sort()).toEqual([`host ${one.name}`, 'person bob']);
      expect(await store.locks.freeLogins([nkey], [])).toEqual(new Set());
    });

    it('a login of a removed host does not come back to the broker with the row that it had before', async () => {
      const { parts, store, write } = await locked();
      const nkey = await nkeyOf(store, two.name);
      await unlock(parts, 'carol', { kind: 'person', name: 'bob' });
      await write('create table kept as select * from host_keys');
      await removeHost(parts, two.name);
      await write(
        "update host_keys set ended_at_ms = null, mac = (select mac from kept where kept.kid = host_keys.kid) where host = 'demo-2'",
      );
      expect(await nkeyOf(store, two.name)).toBe(nkey);
      expect(await store.locks.freeLogins([nkey], [])).toEqual(new Set());
    });

    it('a login that the broker refuses comes back only if a genuine row says whose it is, and that is not locked', async () => {
      const { parts, store, write } = await locked();
      const [thief, honest] = [await nkeyOf(store, one.name), await nkeyOf(store, two.name)];
      await store.locks.rememberLogin('ctl-1', 'UCTL');
      await write("delete from host_keys where host = 'gone'");
      const refusedBefore = new Map([
        [thief, 9e9],
        [honest, START_MS / 1000],
        ['UCTL', START_MS / 1000],
        ['UGONE', START_MS / 1000],
        ['UOLD', START_MS / 1000 - 7200],
        ['UEDGE', START_MS / 1000 - 3601],
      ]);
      let back: ReadonlySet<string> = new Set();
      const enforcer = loginEnforcer({
        ...{ ...store, lockRegistry: parts.lockRegistry, clock: parts.clock, log, credentialLifeMs: 1000 },
        brokerLogins: {
          async enforce(_refused, letBack) {
            back = await letBack(refusedBefore);
            return true;
          },
        },
      });
      await enforcer.enforce();
      expect([...back].sort()).toEqual([honest, 'UCTL', 'UEDGE', 'UOLD'].sort());
    });
  },
);
