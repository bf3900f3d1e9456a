/** The tables of trust and the audit log, in SQLite's spelling; their types follow. */
export const TRUST_AND_AUDIT_SQL = `
  create table trust_bundles (
    version integer primary key check (version > 0),
    digest blob not null,
    bundle blob not null,
    signatures text not null,
    changes_roots integer not null check (changes_roots in (0, 1)),
    accepted_at_ms integer not null
  ) strict;

  create table audit (
    seq integer primary key,
    at_ms integer not null,
    kind text not null,
    actor text not null,
    request_id text,
    host text,
    detail text not null,
    hash blob not null
  ) strict;
  create index audit_by_request on audit (request_id, seq);
  create index audit_by_kind on audit (kind, seq);
  create index audit_by_host on audit (host, seq);
  create index audit_by_actor on audit (actor, seq);

  create table store_identity (
    singleton integer primary key check (singleton = 1),
    id text not null
  ) strict;

  create table table_macs (
    name text primary key,
    row_count integer not null check (row_count >= 0),
    sum blob not null check (length(sum) = 32),
    mac blob not null
  ) strict;

  create table checkpoints (
    seq integer primary key,
    token text not null,
    mac blob not null
  ) strict;

  create table log_cursors (
    name text primary key,
    seq integer not null check (seq >= 0),
    mac blob not null
  ) strict;
`;

/** One row for each table whose rows carry a MAC: how many rows there are, and the sum of their MACs. */
export interface TableMacsTable {
  name: string;
  row_count: number;
  /** The sum of the rows' MACs modulo 2^256, big-endian. */
  sum: Uint8Array;
  /** Over all of this. */
  mac: Uint8Array;
}

/** Every trust bundle that was accepted; never changed, never removed. */
export interface TrustBundlesTable {
  version: number;
  digest: Uint8Array;
  /** The exact bytes that the roots signed, and their signatures as a JSON array. */
  bundle: Uint8Array;
  signatures: string;
  /** 1 if its roots are others than those of the version before. */
  changes_roots: number;
  accepted_at_ms: number;
}

/** The hash-chained log of every change of state. */
export interface AuditTable {
  seq: number;
  at_ms: number;
  kind: string;
  actor: string;
  request_id: string | null;
  host: string | null;
  detail: string;
  hash: Uint8Array;
}

/** How far each webhook and each sink has read the audit log; the log itself does not record that. */
export interface LogCursorsTable {
  name: string;
  /** Number of the last entry that it took, or that was given up. */
  seq: number;
  mac: Uint8Array;
}

/** One row: what this store is called in checkpoints. The audit log's hash chain begins with it. */
export interface StoreIdentityTable {
  singleton: number;
  id: string;
}

/** The newest few checkpoints; `token` says the same `seq`. */
export interface CheckpointsTable {
  seq: number;
  token: string;
  mac: Uint8Array;
}
