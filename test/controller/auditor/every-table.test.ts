import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isMacTable, PRIMARY_KEYS, TABLE_PROOFS } from '../../../controller/store/core/index.ts';
import {
  openAuditSource,
  type StoreLocation,
  TABLES,
  type TableName,
} from '../../../controller/store/index.ts';
import { inSqlite, MIGRATIONS } from '../../../controller/store/schema/index.ts';
import { BUNDLE } from '../../kit/cast.ts';
import { controllerParts, partsOn, testClock } from '../../kit/controller-kit.ts';
import { EMERGENCY_BUNDLE } from '../../kit/emergency-kit.ts';
import { ENGINES } from '../../kit/engines.ts';
import { findingsAt, tampered, tellStory } from './support/audited-store.ts';

/** What a row is made of that somebody adds to a table: the first row, with these columns changed. */
interface Tampering {
  /** SQL for columns of the new row, which must be unlike those of the first row. */
  readonly added: Readonly<Record<string, string>>;
  /** What is done to the first row. */
  readonly changed: string;
}

/** 32 bytes, written as the engine writes bytes. */
const BYTES = '<bytes>';

/** For each table: a row that the schema itself lets in, and a change that it lets pass. */
const TAMPERINGS: { readonly [T in TableName]: Tampering } = {
  hosts: { added: { name: "'evil'" }, changed: 'first_seen_ms = first_seen_ms + 1' },
  host_contacts: { added: { host: "'evil'" }, changed: 'last_seen_ms = last_seen_ms + 1' },
  host_heartbeats: { added: { host: "'evil'" }, changed: 'taint = 1' },
  host_journals: { added: { host: "'evil'" }, changed: 'sequence = 0' },
  host_acceptances: { added: { token: "'evil'" }, changed: "reason = 'evil'" },
  locks: {
    added: { name: "'evil'", token: "'evil'" },
    changed: "ended_by = 'evil', ended_at_ms = locked_at_ms, end_token = 'evil'",
  },
  controller_logins: { added: { nkey: "'evil'" }, changed: 'first_seen_ms = first_seen_ms + 1' },
  enrolments: {
    added: { id: "'evil'", enrolment_kid: "'evil'", used_at_ms: 'null' },
    changed: 'expires_at_ms = expires_at_ms + 1',
  },
  host_keys: {
    added: { enrolment_id: "'evil'", host: "'evil'", kid: "'evil'", nkey: "'evil'" },
    changed: "labels = '{}'",
  },
  host_removals: { added: { token: "'evil'", signer: "'evil'" }, changed: "reason = 'evil'" },
  host_labels: { added: { token: "'evil'", signer: "'evil'" }, changed: "reason = 'evil'" },
  requests: { added: { id: "'evil'", digest: BYTES }, changed: 'settle_at_ms = settle_at_ms + 1' },
  expected_hosts: { added: { host: "'evil'" }, changed: "kernel_release = 'evil'" },
  approvals: { added: { approver: "'evil'", token: "'evil'" }, changed: "reason = 'evil'" },
  aborts: { added: { request_id: "'evil'" }, changed: "reason = 'evil'" },
  abort_statements: { added: { host: "'evil'" }, changed: `statement = ${BYTES}` },
  emergencies: { added: { request_id: "'evil'" }, changed: 'due_at_ms = due_at_ms + 1' },
  reviews: { added: { reviewer: "'evil'" }, changed: "reason = 'evil'" },
  plans: { added: { id: "'evil'", digest: BYTES }, changed: "made_by = 'evil'" },
  rollouts: { added: { request_id: "'evil'" }, changed: "state = 'done'" },
  rollout_actions: { added: { token: "'evil'" }, changed: "actor = 'evil'" },
  waves: { added: { number: '77' }, changed: 'hosts = hosts + 1' },
  wave_counts: { added: { wave: '77' }, changed: 'hosts = hosts + 1' },
  attempts: { added: { attempt: '77' }, changed: "actor = 'evil'" },
  orders: { added: { id: "'evil'", attempt: '77' }, changed: `envelope = ${BYTES}` },
  results: { added: { attempt: '77' }, changed: `result = ${BYTES}` },
  result_rows: { added: { attempt: '77' }, changed: "rows = '[]'" },
  leases: { added: { name: "'evil'" }, changed: "holder = 'evil'" },
  trust_bundles: { added: { version: '77' }, changed: 'accepted_at_ms = accepted_at_ms + 1' },
  audit: { added: { seq: '7777' }, changed: "actor = 'evil'" },
  store_identity: { added: { singleton: '2' }, changed: "id = '0123456789abcdef0123456789abcdef'" },
  checkpoints: { added: { seq: '7777' }, changed: "token = 'evil'" },
  log_cursors: { added: { name: "'evil'" }, changed: 'seq = seq - 1' },
  module_signatures: { added: { image: "'evil'" }, changed: `signature = ${BYTES}` },
  kernel_facts: { added: { digest: "'evil'" }, changed: "facts = 'evil'" },
  kernel_types: { added: { release: "'evil'" }, changed: 'functions = functions + 1' },
  used_tokens: { added: { jti: "'evil'" }, changed: 'issued_at_s = issued_at_s + 1' },
  console_sessions: { added: { id: "'evil'", person: "'bob'" }, changed: "person = 'bob'" },
  console_tickets: { added: { id: "'evil'", person: "'bob'" }, changed: "person = 'bob'" },
  table_macs: { added: { name: "'evil'" }, changed: 'row_count = row_count + 1' },
};

const BYTES_IN = { SQLite: `x'${'7e'.repeat(32)}'`, PostgreSQL: `decode('${'7e'.repeat(32)}', 'hex')` };

type Deed = 'adds a row to' | 'changes a row of' | 'removes a row from';
const DEEDS: readonly Deed[] = ['adds a row to', 'changes a row of', 'removes a row from'];

/** SQL by which somebody does `deed` to the first row of `table`. */
async function sqlOf(location: StoreLocation, table: TableName, deed: Deed): Promise<string> {
  // The first entry of the log is that of a trust bundle, which is itself removed; nothing follows the last.
  const first = (await rowsOf(location, table)).at(table === 'audit' ? -2 : 0);
  if (!first) throw new Error(`the story leaves nothing in ${table}`);
  const keys = PRIMARY_KEYS[table].split(', ');
  const where = keys.map(key => `${key} = '${String(first[key]).replaceAll("'", "''")}'`).join(' and ');
  const { added, changed } = TAMPERINGS[table];
  if (deed === 'changes a row of') return `update ${table} set ${changed} where ${where};`;
  if (deed === 'removes a row from') return `delete from ${table} where ${where};`;
  const columns = Object.keys(first);
  const values = columns.map(column => added[column] ?? column);
  return `insert into ${table} (${columns}) select ${values} from ${table} where ${where};`;
}

async function rowsOf(location: StoreLocation, table: TableName): Promise<Record<string, unknown>[]> {
  const source = await openAuditSource(location);
  try {
    const rows: Record<string, unknown>[] = [];
    for await (const row of source.rows(table)) rows.push(row as unknown as Record<string, unknown>);
    return rows;
  } finally {
    await source.close();
  }
}

describe('every table of the schema', () => {
  it('every table has a proof, and carries a MAC in each row if that is its proof', () => {
    const database = new DatabaseSync(':memory:');
    for (const migration of MIGRATIONS) database.exec(inSqlite(migration));
    const names = database.prepare("select name from sqlite_schema where type = 'table'").all();
    const tables = names.map(({ name }) => String(name)).sort();
    expect(Object.keys(TABLE_PROOFS).sort()).toEqual(tables);
    const withMac = tables.filter(
      table =>
        database.prepare('select 1 from pragma_table_info(?) where name = ?').get(table, 'mac') !== undefined,
    );
    expect(withMac).toEqual(TABLES.filter(table => isMacTable(table) || table === 'table_macs').sort());
    database.close();
  });
});

describe('in a store in SQLite, an audit names the table when somebody', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
  const file = join(folder, 'farcall.db');
  beforeAll(
    async () => void (await tellStory(controllerParts(EMERGENCY_BUNDLE, file), { bundle: EMERGENCY_BUNDLE })),
  );
  afterAll(() => rmSync(folder, { recursive: true }));

  it('an audit of a store in SQLite that nobody touched finds nothing', async () => {
    expect(await findingsAt({ sqlite: file })).toEqual([]);
  });

  const cases = DEEDS.flatMap(deed => TABLES.map(table => [deed, table] as const));
  it.each(cases)('an audit of a store in SQLite names the table when somebody %s %s', async (deed, table) => {
    const sql = (await sqlOf({ sqlite: file }, table, deed)).replaceAll(BYTES, BYTES_IN.SQLite);
    const copy = join(folder, 'copy.db');
    copyFileSync(tampered(file, sql), copy);
    expect(await findingsAt({ sqlite: copy })).toContainEqual(
      expect.stringMatching(new RegExp(`^\\w+ ${table} `)),
    );
  });
});

describe('an audit of tables that the log does not tell of', () => {
  it('an earlier state of a table, put back with its own MAC, is not found out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'farcall.db');
    const parts = controllerParts(BUNDLE, file);
    await tellStory(parts, {});
    const earlier = join(folder, 'earlier.db');
    copyFileSync(file, earlier);
    const { store } = controllerParts(BUNDLE, file);
    await store.consoles.end('a'.repeat(64));
    await store.close();
    const database = new DatabaseSync(file);
    database.exec(`attach '${earlier}' as earlier`);
    const putBack = (table: string): void =>
      database.exec(`delete from ${table}; insert into ${table} select * from earlier.${table}`);
    putBack('console_sessions');
    expect(await findingsAt({ sqlite: file })).toEqual([
      'mac console_sessions : it has 1 rows, and controllers left 0: rows came or went',
    ]);
    putBack('table_macs');
    database.close();
    expect(await findingsAt({ sqlite: file })).toEqual([]);
  });
});

describe('in a store in PostgreSQL, an audit names every table when somebody', () => {
  const engine = ENGINES.find(({ name }) => name === 'PostgreSQL')!;
  const stores = engine.use();

  /** The schema itself lets no second identity in. */
  const isPossible = (table: TableName, deed: Deed): boolean =>
    table !== 'store_identity' || deed !== 'adds a row to';

  it.each(DEEDS)('an audit of a store in PostgreSQL names each table when somebody %s it', async deed => {
    const clock = testClock();
    const { store, location } = await stores.open(clock);
    await tellStory(partsOn(store, clock, EMERGENCY_BUNDLE), { bundle: EMERGENCY_BUNDLE });
    expect(await findingsAt(location)).toEqual([]);
    const statements: string[] = [];
    const tables = TABLES.filter(table => isPossible(table, deed));
    for (const table of tables) statements.push(await sqlOf(location, table, deed));
    const sql = statements.join('\n').replaceAll(BYTES, BYTES_IN.PostgreSQL);
    await stores.sql(location, `reset role; set session_replication_role = replica; ${sql}`);
    const findings = await findingsAt(location);
    const named = tables.filter(table =>
      findings.some(finding => new RegExp(`^\\w+ ${table} `).test(finding)),
    );
    expect(named).toEqual(tables);
  });
});
