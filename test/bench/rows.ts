import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { resultRowsOf } from '../../controller/result-summary/index.ts';
import { listRows } from '../../controller/rows/index.ts';
import type { Store } from '../../controller/store/index.ts';
import { type CallResult, type RowsQuery, typedValue } from '../../shared/messages/index.ts';
import { COMMITTED_LIMIT, sha256 } from '../../shared/tokens/index.ts';
import { type Figure, figure } from './figure.ts';
import { dispatch, onBothEngines } from './store.ts';

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
export function rows(): Promise<Figure[]> {
  return onBothEngines(questions);
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
