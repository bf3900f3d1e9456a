import { chownSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore, type Store } from '../../../../controller/store/index.ts';
import { codeOf, testClock } from '../../../kit/controller-kit.ts';
import { type PostgresServer, startPostgres } from '../../../kit/receivers/postgres-server.ts';
import { canMountDisk, mountDisk, type SmallDisk } from '../../../kit/small-disk.ts';
import { storeParts } from '../../../kit/store-kit.ts';

describe.skipIf(!canMountDisk())('a store on PostgreSQL whose disk is full', () => {
  let disk: SmallDisk;
  let server: PostgresServer;
  let store: Store;
  const clock = testClock();

  beforeAll(async () => {
    disk = mountDisk(24);
    server = await startPostgres();
    const { uid, gid } = server.user;
    if (uid !== undefined) chownSync(disk.folder, uid, gid!);
    await server.sql(`create tablespace small owner farcall location '${disk.folder}'`);
    await server.sql("alter role farcall set default_tablespace = 'small'");
    store = await openPostgresStore(server.options('farcall'), storeParts(clock), () => undefined);
    disk.fill();
  });
  afterAll(async () => {
    await store?.close();
    await server?.remove();
    disk?.remove();
  });

  /** Uses tokens until their table and its index must grow; the code of the error, if there is one. */
  const useTokens = async (): Promise<string | undefined> => {
    for (let count = 0; count < 2000; count += 1) {
      const token = { signer: 'alice', jti: `${count} ${'x'.repeat(500)}`, issuedAtS: 1 };
      const code = await codeOf(store.usedTokens.use(token, 0));
      if (code !== undefined) return code;
    }
    return undefined;
  };

  it('a store on PostgreSQL whose disk is full says STORE_FULL, is read, and is well once there is room', async () => {
    expect(await useTokens()).toBe('STORE_FULL');
    expect(store.condition.current()).toMatchObject({ state: 'full', sinceMs: clock.nowMs() });
    expect(await codeOf(store.condition.check())).toBe('STORE_FULL');
    expect(await store.hosts.all()).toEqual([]);
    disk.free();
    clock.advance(10_000);
    await store.condition.check();
    expect(store.condition.current().state).toBe('ok');
  });
});
