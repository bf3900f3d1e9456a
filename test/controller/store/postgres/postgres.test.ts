import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { publishOrders } from '../../../../controller/dispatch/index.ts';
import { openPostgresStore, type Store } from '../../../../controller/store/index.ts';
import { migratePostgres } from '../../../../controller/store/postgres/migrate.ts';
import { openTrustRegistry } from '../../../../controller/trust/index.ts';
import { sha256 } from '../../../../shared/tokens/index.ts';
import { BUNDLE, pinnedOf } from '../../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  commitOne,
  DRAFT,
  dispatched,
  introduce,
  partsOn,
  requestBy,
  testClock,
} from '../../../kit/controller-kit.ts';
import { DEADLINES } from '../../../kit/deadlines.ts';
import { eventually } from '../../../kit/eventually.ts';
import { signedBy } from '../../../kit/keys/trust-kit.ts';
import { type PostgresServer, startPostgres } from '../../../kit/receivers/postgres-server.ts';
import { storeParts } from '../../../kit/store-kit.ts';
import { findingsAt, makerOn } from '../../auditor/support/audited-store.ts';

describe('several controllers on one PostgreSQL', () => {
  let server: PostgresServer;
  let schemas = 0;
  const opened: Store[] = [];
  const heard: boolean[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  const newSchema = (): string => `farcall_${schemas++}`;
  const open = async (schema: string, options = {}): Promise<ControllerParts> => {
    const clock = testClock();
    const location = { ...server.options(schema), ...options };
    const store = await openPostgresStore(location, storeParts(clock), ok => void heard.push(ok));
    opened.push(store);
    return partsOn(store, clock);
  };
  const pair = async (): Promise<[ControllerParts, ControllerParts, string]> => {
    const schema = newSchema();
    return [await open(schema), await open(schema), schema];
  };

  it('several controllers on one PostgreSQL make the schema once, however many start at once, and open it again', async () => {
    const schema = newSchema();
    const parts = await Promise.all(Array.from({ length: 6 }, () => open(schema)));
    const ids = await Promise.all(parts.map(({ checkpoints }) => checkpoints.storeId()));
    expect(new Set(ids).size).toBe(1);
    await server.sql(`insert into ${schema}.schema_versions values (99, now())`);
    await expect(open(schema)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('newer farcall (schema 99'),
    });
  });

  it('several controllers on one PostgreSQL apply each migration once and keep the rows', async () => {
    const schema = newSchema();
    const first = {
      both: "create table parents (id text primary key) strict; insert into parents values ('text');",
      sqlite: 'this is for SQLite alone',
    };
    const second = { both: 'alter table parents add column age integer;' };
    await migratePostgres(server.options(schema), [first]);
    await migratePostgres(server.options(schema), [first, second]);
    await migratePostgres(server.options(schema), [first, second]);
    const { rows } = await server.sql(`select id, age from ${schema}.parents`);
    expect(rows).toEqual([{ id: 'text', age: null }]);
    await expect(migratePostgres(server.options(schema), [first])).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('newer farcall (schema 2'),
    });
  });

  it('several controllers on one PostgreSQL see what the others change', async () => {
    const [one, other] = await pair();
    await introduce(one);
    const { id } = await dispatched(one);
    const listener = other.changes.listen(id);
    const result = Buffer.from('done');
    const content = { outcome: 'returned', result, digest: sha256(result), signature: 's' } as const;
    for (;;) {
      // The first connection of the listener may come later than the change: then it is told to look for
      // itself.
      const next = listener.next(AbortSignal.timeout(DEADLINES.eventuallyMs));
      await commitOne(one, { requestId: id, host: 'demo-1', attempt: 1, ...content });
      expect(await next).toBe(true);
      const { reports } = await other.reports.page(id, { seq: 0, host: '' }, 10);
      if (reports.some(({ outcome }) => outcome === 'returned')) break;
    }
  });

  it('publish an order twice at worst, and record once that they did', async () => {
    const [one, other, schema] = await pair();
    await introduce(one);
    one.bus.isAway = true;
    const { id } = await dispatched(one).catch(async () => {
      const [record] = await one.requests.newest({ limit: 1 });
      return { id: record!.id };
    });
    one.bus.isAway = false;
    await Promise.all([publishOrders(one), publishOrders(other)]);
    await publishOrders(other);
    const query = { requestId: id, kind: 'order-published', afterSeq: 0, limit: 10 } as const;
    expect(await one.audit.page(query)).toHaveLength(1);
    expect(one.bus.published.length + other.bus.published.length).toBeLessThanOrEqual(2);
    const findings = await findingsAt({ postgres: server.options(schema) });
    expect(findings.filter(finding => !/^(trust|checkpoint) |trust bundle/.test(finding))).toEqual([]);
  });

  it('several controllers on one PostgreSQL take over a trust bundle that another one accepted', async () => {
    const [one, other] = await pair();
    let changes = 0;
    const registryOf = async ({ trustBundles, log }: ControllerParts) => {
      const registry = await openTrustRegistry({ trustBundles, pinned: pinnedOf(), log });
      registry.onChange(() => void changes++);
      return registry;
    };
    const [first, second] = [await registryOf(one), await registryOf(other)];
    await first.publish(signedBy(BUNDLE));
    await first.publish(signedBy({ ...BUNDLE, version: 4 }));
    expect(second.newest()).toBeUndefined();
    await second.refresh();
    expect(second.newest()?.bundle.version).toBe(4);
    expect(changes).toBe(3);
    expect(await codeOf(second.publish(signedBy(BUNDLE)))).toBe('TRUST_OLDER');
  });

  it('several controllers on one PostgreSQL sign one checkpoint for all of them, and take it over', async () => {
    const [one, other] = await pair();
    const [maker, second] = [await makerOn(one), await makerOn({ ...other, holder: 'ctl 2' })];
    await introduce(one);
    for (const { clock } of [one, other]) clock.advance(60_000);
    await maker.makeIfDue();
    expect(maker.newest()).toBeDefined();
    await second.makeIfDue();
    expect(second.newest()).toBe(maker.newest());
    await requestBy(one, 'alice', DRAFT);
    for (const { clock } of [one, other]) clock.advance(60_000);
    await second.makeIfDue();
    expect(second.newest()).toBe(maker.newest());
    await maker.makeIfDue();
    expect((await one.checkpoints.newest())?.token).toBe(maker.newest());
  });

  it('several controllers on one PostgreSQL are not fooled by what looks like a checkpoint', async () => {
    const [one, other] = await pair();
    const maker = await makerOn(one);
    await other.checkpoints.add({ seq: 1_000_000, token: 'a.b.c' });
    await introduce(one);
    one.clock.advance(60_000);
    await maker.makeIfDue();
    expect(maker.newest()).toBeDefined();
  });

  it('several controllers on one PostgreSQL fail while the database is away, and work again when it is back', async () => {
    const schema = newSchema();
    const parts = await open(schema, { timeoutMs: 3000 });
    await introduce(parts);
    const { id } = await dispatched(parts);
    const listener = parts.changes.listen(id);
    await server.kill();
    const result = Buffer.from('done');
    const content = { outcome: 'returned', result, digest: sha256(result), signature: 's' } as const;
    const commit = () => commitOne(parts, { requestId: id, host: 'demo-1', attempt: 1, ...content });
    expect(await codeOf(commit())).toBe('UNREACHABLE');
    expect(await codeOf(parts.requests.find(id))).toBe('UNREACHABLE');
    await server.start();
    const effect = await eventually('the database takes a result', () => commit().catch(() => undefined));
    expect(effect).toBe('outcome');
    expect(await commit()).toBe('duplicate');
    // Watchers look again once the notices come again.
    expect(await listener.next(AbortSignal.timeout(DEADLINES.eventuallyMs))).toBe(true);
  });

  it('several controllers on one PostgreSQL give up on what takes too long', async () => {
    const schema = newSchema();
    const parts = await open(schema, { timeoutMs: 500 });
    const other = await open(schema);
    await introduce(other);
    const locked = Promise.withResolvers<void>();
    const holding = server.sql(`begin; lock table ${schema}.enrolments; select pg_sleep(3); commit`);
    holding.then(() => locked.resolve(), locked.reject);
    const code = await eventually('a query is given up', () =>
      codeOf(parts.enrolments.list()).catch(() => ''),
    );
    expect(code).toBe('UNREACHABLE');
    await locked.promise;
    expect(await parts.enrolments.list()).toHaveLength(3);
  });

  it.each([
    ['a wrong password', { password: () => 'wrong' }, 'password authentication failed'],
    ['no password', { password: undefined }, 'password'],
    ['no such database', { database: 'other' }, 'database "other" does not exist'],
    ['nobody who listens', { port: 1 }, 'ECONNREFUSED'],
    ['a server without TLS', { tls: { ca: undefined, cert: undefined, key: undefined } }, 'SSL'],
  ])('several controllers on one PostgreSQL say what is wrong with %s', async (_name, options, text) => {
    await expect(open(newSchema(), options)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(text),
    });
  });

  it('several controllers on one PostgreSQL read nothing from the environment', async () => {
    process.env['PGPASSWORD'] = 'another';
    process.env['PGHOST'] = 'nowhere.invalid';
    try {
      await open(newSchema());
    } finally {
      delete process.env['PGPASSWORD'];
      delete process.env['PGHOST'];
    }
  });
});
