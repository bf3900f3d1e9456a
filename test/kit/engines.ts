import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  type ForgedRow,
  openPostgresStore,
  openStore,
  type Store,
  type StoreLocation,
} from '../../controller/store/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { BUNDLE } from './cast.ts';
import { type ControllerParts, partsOn, testClock } from './controller-kit.ts';
import { type PostgresServer, sharedPostgres } from './receivers/postgres-server.ts';
import { storeParts } from './store-kit.ts';

/** A store of a test, and where it is. */
export interface OpenedStore {
  readonly store: Store;
  readonly location: StoreLocation;
}

/** Stores of one engine, closed after each test. */
export interface EngineStores {
  /** A new, empty store. */
  open(clock: Clock, forged?: ForgedRow[]): Promise<OpenedStore>;
  /** What another controller has on the same store. */
  openAgain(location: StoreLocation, clock: Clock, forged?: ForgedRow[]): Promise<Store>;
  /** Runs SQL on the store past all that farcall knows, as who owns its tables. */
  sql(location: StoreLocation, statement: string): Promise<void>;
}

/** The parts of a controller on a new store. */
export async function newParts(
  stores: EngineStores,
): Promise<ControllerParts & { readonly location: StoreLocation }> {
  const clock = testClock();
  const { store, location } = await stores.open(clock);
  return { ...partsOn(store, clock, BUNDLE), location };
}

/** One engine that the store runs on; in a `describe`, `use` starts it for all tests there. */
export interface TestEngine {
  readonly name: string;
  /** Whether several controllers can be on one store. */
  readonly isShared: boolean;
  use(): EngineStores;
}

function closing(): { keep(store: Store): Store } {
  const opened: Store[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  return {
    keep(store) {
      opened.push(store);
      return store;
    },
  };
}

const SQLITE: TestEngine = {
  name: 'SQLite',
  isShared: false,
  use() {
    let folder = '';
    let files = 0;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'farcall-store-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const { keep } = closing();
    return {
      async open(clock, forged) {
        const location = { sqlite: join(folder, `${files++}.db`) };
        return { store: keep(openStore(location.sqlite, storeParts(clock, forged))), location };
      },
      async openAgain(location, clock, forged) {
        if (!('sqlite' in location)) throw new Error('not a store of SQLite');
        return keep(openStore(location.sqlite, storeParts(clock, forged)));
      },
      async sql(location, statement) {
        if (!('sqlite' in location)) throw new Error('not a store of SQLite');
        const database = new DatabaseSync(location.sqlite);
        try {
          database.exec(statement);
        } finally {
          database.close();
        }
      },
    };
  },
};

const POSTGRES: TestEngine = {
  name: 'PostgreSQL',
  isShared: true,
  use() {
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = await sharedPostgres();
    });
    const { keep } = closing();
    const openAgain: EngineStores['openAgain'] = async (location, clock, forged) => {
      if (!('postgres' in location)) throw new Error('not a store of PostgreSQL');
      return keep(await openPostgresStore(location.postgres, storeParts(clock, forged), () => undefined));
    };
    return {
      openAgain,
      async sql(location, statement) {
        if (!('postgres' in location)) throw new Error('not a store of PostgreSQL');
        await server!.sql(`set search_path = ${location.postgres.schema}; set role farcall; ${statement}`);
      },
      async open(clock, forged) {
        const location = { postgres: server!.options(`store_${randomBytes(6).toString('hex')}`) };
        return { store: await openAgain(location, clock, forged), location };
      },
    };
  },
};

/** The engines of the store. */
export const ENGINES: readonly TestEngine[] = [SQLITE, POSTGRES];
