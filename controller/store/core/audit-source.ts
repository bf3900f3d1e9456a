import type { Schema, TableName } from '../schema/index.ts';

/** A store as an auditor reads it: one snapshot, never written to, and nothing in it believed. */
export interface AuditSource {
  /** What the engine itself finds wrong with the store, and what in its schema is not as we make it. */
  structureProblems(): Iterable<string> | AsyncIterable<string>;
  /**
   * All rows of a table, in the order of its primary key. A store that was tampered with can make this throw.
   */
  rows<T extends TableName>(table: T): Iterable<Schema[T]> | AsyncIterable<Schema[T]>;
  /** Hash of one entry of the audit log. */
  hashAt(seq: number): Promise<Uint8Array | undefined>;
  /** Number of the first entry after `afterSeq` that `actor` caused otherwise than by witnessing the log. */
  firstEntryBy(actor: string, afterSeq: number): Promise<number | undefined>;
  close(): Promise<void>;
}

/** The order in which each table is read: its primary key. */
export const PRIMARY_KEYS: Readonly<Record<TableName, string>> = {
  hosts: 'name',
  requests: 'id',
  expected_hosts: 'request_id, host',
  approvals: 'request_id, token',
  aborts: 'request_id',
  abort_statements: 'request_id, host',
  emergencies: 'request_id',
  reviews: 'request_id, reviewer',
  orders: 'id',
  results: 'request_id, host, attempt, late',
  result_rows: 'request_id, host, attempt',
  audit: 'seq',
  store_identity: 'singleton',
  checkpoints: 'seq',
  trust_bundles: 'version',
  enrolments: 'id',
  host_keys: 'enrolment_id',
  host_removals: 'token',
  host_labels: 'token',
  host_journals: 'host',
  host_acceptances: 'token',
  leases: 'name',
  used_tokens: 'signer, jti',
  rollouts: 'request_id',
  rollout_actions: 'token',
  waves: 'request_id, number',
  attempts: 'request_id, attempt',
  wave_counts: 'request_id, wave, outcome',
  plans: 'id',
  host_contacts: 'host',
  host_heartbeats: 'host',
  locks: 'kind, name, locked_at_ms',
  controller_logins: 'controller, nkey',
  module_signatures: 'request_id, host, attempt, image',
  kernel_facts: 'build, digest',
  console_sessions: 'id',
  console_tickets: 'id',
  kernel_types: 'release, version, arch',
  log_cursors: 'name',
  table_macs: 'name',
};

/** All tables of a store. */
export const TABLES = Object.keys(PRIMARY_KEYS) as readonly TableName[];
