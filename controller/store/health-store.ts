import type { Database } from './database.ts';

/** What a host of a wave said about its call, and what it said of itself last. */
export interface SettledHost {
  readonly host: string;
  /** The exact CallResult and HostFacts bytes. */
  readonly result: Uint8Array;
  readonly facts: Uint8Array;
}

/** What can be known of the health of hosts. */
export interface HealthStore {
  /** Hosts of a wave that answered, by name, read in pages. */
  settledOf(requestId: string, wave: number): AsyncIterable<SettledHost>;
}

const PAGE_HOSTS = 500;

/** The part of the store about health. */
export function healthStoreOn(database: Database): HealthStore {
  return {
    async *settledOf(requestId, wave) {
      for (let after = ''; ; ) {
        const page = await readPage(database, { requestId, wave, after });
        yield* page;
        if (page.length < PAGE_HOSTS) return;
        after = page.at(-1)?.host ?? '';
      }
    },
  };
}

function readPage(
  database: Database,
  { requestId, wave, after }: { readonly requestId: string; readonly wave: number; readonly after: string },
): Promise<readonly SettledHost[]> {
  return database.read(db =>
    db
      .selectFrom('expected_hosts')
      .innerJoin('results', join =>
        join
          .onRef('results.request_id', '=', 'expected_hosts.request_id')
          .onRef('results.host', '=', 'expected_hosts.host')
          .on('results.late', '=', 0),
      )
      .innerJoin('hosts', 'hosts.name', 'expected_hosts.host')
      .select(['expected_hosts.host', 'results.result', 'hosts.facts'])
      .where('expected_hosts.request_id', '=', requestId)
      .where('expected_hosts.wave', '=', wave)
      .where('expected_hosts.outcome', 'is not', null)
      .where('expected_hosts.host', '>', after)
      .orderBy('expected_hosts.host')
      .orderBy('results.attempt')
      .limit(PAGE_HOSTS)
      .execute(),
  );
}
