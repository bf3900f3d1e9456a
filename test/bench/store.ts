import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decisionsRevision, openPostgresStore, openStore, type Store } from '../../controller/store/index.ts';
import { WHOLE } from '../../shared/targets/index.ts';
import { COMMITTED_LIMIT, sha256 } from '../../shared/tokens/index.ts';
import { START_MS } from '../kit/cast.ts';
import { testClock } from '../kit/controller-kit.ts';
import { startPostgres } from '../kit/receivers/postgres-server.ts';
import { storeParts } from '../kit/store-kit.ts';
import { type Figure, figure } from './figure.ts';

const HOSTS = 10_000;
/** About what an agent sends for a call that returned a value. */
const RESULT_BYTES = 400;
const SIGNATURE_CHARS = 450;
const RUNS = 3;

/** Hosts that never said hello one by one: that is not what is measured. */
const MAKE_HOSTS = `
  with recursive numbers (i) as (select 0 union all select i + 1 from numbers where i < ${HOSTS - 1})
  insert into hosts select 'demo-' || i, 'kid', '{}', NOTHING, 's', 1 from numbers`;

/**
 * What committing the results of a fleet costs on each engine, and giving up one that is silent, with commits
 * that wait for the disk.
 */
export function store(): Promise<Figure[]> {
  return onBothEngines(async (engine, opened) => [
    await commits(engine, opened),
    await expiries(engine, opened),
  ]);
}

/** What `measure` finds with a store of many hosts, first in SQLite and then in PostgreSQL. */
export async function onBothEngines(
  measure: (engine: string, opened: Store) => Promise<Figure[]>,
): Promise<Figure[]> {
  return [...(await onSqlite(measure)), ...(await onPostgres(measure))];
}

type Measure = Parameters<typeof onBothEngines>[0];

async function onSqlite(measure: Measure): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-bench-'));
  const file = join(folder, 'farcall.db');
  const opened = openStore(file, storeParts(testClock()));
  try {
    const database = new DatabaseSync(file);
    database.exec(MAKE_HOSTS.replace('NOTHING', "x'00'"));
    database.close();
    return await measure('SQLite', opened);
  } finally {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onPostgres(measure: Measure): Promise<Figure[]> {
  const server = await startPostgres({ durable: true });
  const opened = await openPostgresStore(server.options('bench'), storeParts(testClock()), () => undefined);
  try {
    await server.sql(`set search_path = bench; ${MAKE_HOSTS.replace('NOTHING', "'\\x00'")}`);
    return await measure('PostgreSQL', opened);
  } finally {
    await opened.close();
    await server.remove();
  }
}

async function commits(engine: string, opened: Store): Promise<Figure> {
  const values: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const requestId = `request-${run}`;
    const hosts = await dispatch(opened, requestId);
    const results = hosts.map(host => {
      const result = randomBytes(RESULT_BYTES);
      const signature = 's'.repeat(SIGNATURE_CHARS);
      const summary = '{"attempt":1,"outcome":"returned"}';
      const content = {
        attempt: 1,
        outcome: 'returned',
        result,
        digest: sha256(result),
        signature,
        summary,
      } as const;
      return { requestId, host, ...content };
    });
    const startedAt = performance.now();
    for (let from = 0; from < HOSTS; from += COMMITTED_LIMIT)
      await opened.outcomes.commitAll(results.slice(from, from + COMMITTED_LIMIT));
    values.push(performance.now() - startedAt);
    if ((await opened.requests.find(requestId))?.state !== 'finished')
      throw new Error('not all are committed');
  }
  const what = `${HOSTS} results committed on ${engine}, ${COMMITTED_LIMIT} in a transaction`;
  return figure(what, values, { mark: 5000 });
}

async function expiries(engine: string, opened: Store): Promise<Figure> {
  const values: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const requestId = `silent-${run}`;
    await dispatch(opened, requestId);
    const startedAt = performance.now();
    const silent = await opened.outcomes.expireSilentHosts(requestId);
    values.push(performance.now() - startedAt);
    if (silent.length !== HOSTS) throw new Error('not all are given up');
  }
  return figure(`${HOSTS} silent hosts given up on ${engine}, in one transaction`, values);
}

/** Makes a request of the first `count` hosts that is ordered; their names. */
export async function dispatch(
  { requests, rollouts }: Store,
  id: string,
  count = HOSTS,
): Promise<readonly string[]> {
  const hosts = Array.from({ length: count }, (_, index) => `demo-${index}`);
  const bytes = Buffer.from(id);
  await requests.create({
    ...{ id, requester: 'alice', bytes, digest: sha256(bytes), createdAtMs: START_MS },
    ...{ token: 'a token', trustVersion: 1 },
    ...{ expiresAtMs: START_MS + 3_600_000, settleAtMs: START_MS + 7_200_000 },
    hosts: hosts.map(host => ({ host, kernelRelease: '6.1', arch: 'any', wave: 1 })),
    rollout: { waves: [{ hosts: count, slice: WHOLE, watched: false }], answerWithinMs: 3_600_000 },
  });
  const counted = { trustVersion: 1, revision: decisionsRevision([]) };
  await requests.markApproved(id, { approvers: [], ...counted });
  const step = { kind: 'start-wave', wave: 1 } as const;
  const order = { id: `order of ${id}`, requestId: id, attempt: 1, wave: 1, envelope: bytes, ...counted };
  await rollouts.take({ requestId: id, step, order, fence: async () => undefined, decide: () => step });
  return hosts;
}
