import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { resultRowsOf } from '../../controller/result-summary/index.ts';
import { listRows } from '../../controller/rows/index.ts';
import { openPostgresStore, openStore, type Store } from '../../controller/store/index.ts';
import { type CallResult, type RowsQuery, typedValue } from '../../shared/messages/index.ts';
import { COMMITTED_LIMIT, sha256 } from '../../shared/tokens/index.ts';
import { testClock } from '../kit/controller-kit.ts';
import { startPostgres } from '../kit/receivers/postgres-server.ts';
import { storeParts } from '../kit/store-kit.ts';
import { type Figure, figure } from './figure.ts';
import { dispatch, MAKE_HOSTS } from './store.ts';

const HOSTS = 5000;
const ROWS = 200;
const RUNS = 5;
/** The questions that operators ask of a million rows. */
const ALL = {
  where: '',
  sort: '',
  limit: 0,
  groupBy: [],
  of: '',
  writes: false,
} satisfies Partial<RowsQuery>;
const QUESTIONS: Readonly<Record<string, Partial<RowsQuery>>> = {
  'filtered and sorted': { where: 'comm=nfsd*,age>900', sort: '-age', limit: 40 },
  'grouped and measured': { groupBy: ['comm'], of: 'age' },
  'counted by host': { groupBy: ['host'], limit: 40 },
};

/**
 * What it takes to ask for a million rows of a fleet, on each engine, and how long the event loop of the
 * controller stands still meanwhile.
 */
export async function rows(): Promise<Figure[]> {
  return [...(await onSqlite()), ...(await onPostgres())];
}

async function onSqlite(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-bench-'));
  const file = join(folder, 'farcall.db');
  const opened = openStore(file, storeParts(testClock()));
  try {
    const database = new DatabaseSync(file);
    database.exec(MAKE_HOSTS.replace('NOTHING', "x'00'"));
    database.close();
    return await questions('SQLite', opened);
  } finally {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onPostgres(): Promise<Figure[]> {
  const server = await startPostgres({ durable: true });
  const opened = await openPostgresStore(server.options('bench'), storeParts(testClock()), () => undefined);
  try {
    await server.sql(`set search_path = bench; ${MAKE_HOSTS.replace('NOTHING', "'\\x00'")}`);
    return await questions('PostgreSQL', opened);
  } finally {
    await opened.close();
    await server.remove();
  }
}

async function questions(engine: string, opened: Store): Promise<Figure[]> {
  const id = 'request-of-rows';
  await report(opened, id);
  const figures: Figure[] = [];
  for (const [what, query] of Object.entries(QUESTIONS)) {
    const [took, stood]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      const loop = monitorEventLoopDelay({ resolution: 1 });
      loop.enable();
      const startedAt = performance.now();
      const matching = await ask(opened, { id, ...ALL, ...query });
      took.push(performance.now() - startedAt);
      loop.disable();
      stood.push(loop.max / 1e6);
      if (matching === 0) throw new Error('no row was found');
    }
    const name = `${HOSTS * ROWS} rows ${what}, ${engine}`;
    figures.push(figure(name, took, { mark: 2000 }));
    figures.push(figure(`${name}: the event loop at rest`, stood, { mark: 50 }));
  }
  return figures;
}

async function ask({ rows: store }: Store, query: RowsQuery): Promise<number> {
  const requests = { get: async () => ({}) as never };
  let matching = 0;
  const { signal } = new AbortController();
  for await (const { counts } of listRows({ requests, rows: store }, { ...query, signal }))
    matching += counts?.matching ?? 0;
  return matching;
}

/** Has every host report its tasks: number, name, state and age. */
async function report(opened: Store, id: string): Promise<void> {
  const hosts = await dispatch(opened, id, HOSTS);
  for (let from = 0; from < HOSTS; from += COMMITTED_LIMIT)
    await opened.outcomes.commitAll(
      hosts.slice(from, from + COMMITTED_LIMIT).map(host => {
        const result = randomBytes(400);
        return {
          ...{
            requestId: id,
            host,
            attempt: 1,
            outcome: 'returned' as const,
            result,
            digest: sha256(result),
          },
          ...{ signature: 's'.repeat(450), summary: '{"attempt":1,"outcome":"returned"}' },
          rows: resultRowsOf({ rows: tasks() } as unknown as CallResult),
        };
      }),
    );
}

const COLUMNS = ['t->pid', 't->comm', 't->__state', 'age'];

function tasks(): NonNullable<CallResult['rows']> {
  const int = (integer: number) =>
    typedValue({ type: 'int', kind: 'int', integer: String(integer), signed: true });
  return Array.from({ length: ROWS }, (_, index) => ({
    columns: COLUMNS,
    values: [
      int(index + 1),
      typedValue({
        type: 'char[16]',
        kind: 'string',
        string: index % 9 === 0 ? 'nfsd' : `kworker/${index % 40}`,
      }),
      int(index % 3),
      int(Math.floor(Math.random() * 1000)),
    ],
  }));
}
