import type { Kysely } from 'kysely';
import type { AbortedProgress } from '../../../shared/messages/index.ts';
import { auditDigest, type Change } from '../core/index.ts';
import { touchHosts } from '../hosts/index.ts';
import { finishIfComplete, type SettledHost, settleHosts } from '../results/index.ts';
import type { ExpectedHostsTable, Schema } from '../schema/index.ts';

/** The verified statement of a host that it obeys an abort. */
export interface NewAbortStatement {
  readonly requestId: string;
  readonly host: string;
  readonly progress: AbortedProgress;
  /** The exact AbortStatement bytes, and the host's token over them. */
  readonly statement: Uint8Array;
  readonly signature: string;
}

/** How far an abort has come among the hosts of its request. */
export interface AbortSpread {
  /** How many hosts have said that they obey it. */
  readonly obeyed: number;
  /** Hosts without an outcome that have not said so. */
  readonly silent: NamedHosts;
  /** Hosts that had begun the call, and whose result is still to come. */
  readonly running: NamedHosts;
}

/** Some hosts: how many, and the names of the first. */
export interface NamedHosts {
  readonly hosts: number;
  readonly names: readonly string[];
}

/**
 * Keeps the first statement of each host about the abort of a request. A host that had not begun the call is
 * `aborted` by it, unless it has an outcome. Statements of hosts that the request does not expect, and about
 * requests that nobody aborted, are passed over.
 */
export async function keepStatements(
  change: Change,
  statements: readonly NewAbortStatement[],
): Promise<void> {
  const byRequest = Map.groupBy(statements, ({ requestId }) => requestId);
  for (const [requestId, ofRequest] of byRequest) await keepOf(change, requestId, ofRequest);
}

async function keepOf(
  change: Change,
  requestId: string,
  statements: readonly NewAbortStatement[],
): Promise<void> {
  const rows = await awaited(change, requestId, statements);
  const settled: SettledHost[] = [];
  for (const statement of statements) {
    const row = rows.get(statement.host);
    if (!row) continue;
    rows.delete(statement.host);
    const seq = await keep(change, statement);
    const isOpen = row.outcome === null || row.outcome === 'unreachable';
    if (isOpen && statement.progress === 'not-begun') settled.push({ row, outcome: 'aborted', seq });
  }
  await settleHosts(change, requestId, settled);
  if (settled.length > 0) await finishIfComplete(change, requestId, 'settled');
}

/** The hosts of an aborted request, among those that speak here, of which no statement is kept. */
async function awaited(
  { trx }: Change,
  requestId: string,
  statements: readonly NewAbortStatement[],
): Promise<Map<string, ExpectedHostsTable>> {
  const rows = await trx
    .selectFrom('expected_hosts')
    .innerJoin('aborts', 'aborts.request_id', 'expected_hosts.request_id')
    .leftJoin('abort_statements', join =>
      join
        .onRef('abort_statements.request_id', '=', 'expected_hosts.request_id')
        .onRef('abort_statements.host', '=', 'expected_hosts.host'),
    )
    .selectAll('expected_hosts')
    .where('expected_hosts.request_id', '=', requestId)
    .where(
      'expected_hosts.host',
      'in',
      statements.map(({ host }) => host),
    )
    .where('abort_statements.host', 'is', null)
    .execute();
  return new Map(rows.map(row => [row.host, row]));
}

async function keep(change: Change, { requestId, host, progress, ...signed }: NewAbortStatement) {
  const { trx, nowMs } = change;
  await touchHosts(change, [host], nowMs);
  await trx
    .insertInto('abort_statements')
    .values({ request_id: requestId, host, progress, ...signed, received_at_ms: nowMs })
    .execute();
  const detail = {
    progress,
    statement: auditDigest(signed.statement),
    signature: auditDigest(signed.signature),
  };
  return change.audit({ kind: 'abort-obeyed', actor: host, requestId, host, detail });
}

/** Most names of hosts that a spread lists. */
const NAMES_LIMIT = 64;

/** How far the abort of a request has come. */
export async function readSpread(db: Kysely<Schema>, requestId: string): Promise<AbortSpread> {
  const { obeyed } = await db
    .selectFrom('abort_statements')
    .select(({ fn }) => fn.countAll<number>().as('obeyed'))
    .where('request_id', '=', requestId)
    .executeTakeFirstOrThrow();
  return {
    obeyed: Number(obeyed),
    silent: await openHosts(db, requestId, 'is'),
    running: await openHosts(db, requestId, 'is not'),
  };
}

/** Hosts without an outcome whose statement is missing (`is` null), or is there. */
async function openHosts(
  db: Kysely<Schema>,
  requestId: string,
  statement: 'is' | 'is not',
): Promise<NamedHosts> {
  const open = db
    .selectFrom('expected_hosts')
    .leftJoin('abort_statements', join =>
      join
        .onRef('abort_statements.request_id', '=', 'expected_hosts.request_id')
        .onRef('abort_statements.host', '=', 'expected_hosts.host'),
    )
    .where('expected_hosts.request_id', '=', requestId)
    .where(({ eb, or }) => or([eb('outcome', 'is', null), eb('outcome', '=', 'unreachable')]))
    .where('abort_statements.host', statement, null);
  const { hosts } = await open
    .select(({ fn }) => fn.countAll<number>().as('hosts'))
    .executeTakeFirstOrThrow();
  const named = open.select('expected_hosts.host').orderBy('expected_hosts.host').limit(NAMES_LIMIT);
  return { hosts: Number(hosts), names: (await named.execute()).map(({ host }) => host) };
}
