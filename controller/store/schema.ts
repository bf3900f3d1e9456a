import type { RequestState } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';

/**
 * The tables as kysely sees them. Times are milliseconds since the epoch. The types used (text, integers up to 2^53,
 * bytes) are those that SQLite and PostgreSQL have in common; `migrations.ts` must change with this file.
 */
export interface Schema {
  hosts: HostsTable;
  enrolments: EnrolmentsTable;
  host_keys: HostKeysTable;
  requests: RequestsTable;
  expected_hosts: ExpectedHostsTable;
  approvals: ApprovalsTable;
  aborts: AbortsTable;
  orders: OrdersTable;
  results: ResultsTable;
  audit: AuditTable;
  store_identity: StoreIdentityTable;
  checkpoints: CheckpointsTable;
  trust_bundles: TrustBundlesTable;
  module_signatures: ModuleSignaturesTable;
  kernel_facts: KernelFactsTable;
}

/** Name of a table. */
export type TableName = keyof Schema;

/** One row for each permission to become a host; the secret itself is never stored. */
export interface EnrolmentsTable {
  id: string;
  secret_digest: Uint8Array;
  host: string;
  /** JSON. */
  labels: string;
  replaces: number;
  made_by: string;
  made_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
  revoked_at_ms: number | null;
}

/** One row for each pair of keys that a host was enrolled with; at most one of a host has not ended. */
export interface HostKeysTable {
  host: string;
  kid: string;
  public_jwk: string;
  nkey: string;
  /** JSON. */
  labels: string;
  enrolment_id: string;
  enrolled_at_ms: number;
  ended_at_ms: number | null;
}

/** One row for each host that ever said hello, with the key that signed what it said last. */
export interface HostsTable {
  name: string;
  kid: string;
  public_jwk: string;
  /** The exact HostFacts bytes, and the host's token over them. */
  facts: Uint8Array;
  facts_signature: string;
  /** `iat` of that token: facts never go back in time. */
  facts_signed_at_s: number;
  first_seen_ms: number;
  last_seen_ms: number;
}

/** One row for each request; `bytes` are what approvers sign and are never encoded again. */
export interface RequestsTable {
  id: string;
  digest: Uint8Array;
  bytes: Uint8Array;
  state: RequestState;
  created_at_ms: number;
  expires_at_ms: number;
  /** From this moment on, hosts that were never heard of have the outcome `expired`. */
  settle_at_ms: number;
  expected_hosts: number;
  settled_hosts: number;
}

/** The hosts of a request, frozen when it is made, and in what the call ended on each. */
export interface ExpectedHostsTable {
  request_id: string;
  host: string;
  kernel_release: string;
  arch: string;
  outcome: Outcome | null;
  /** Number of the audit entry of the last change; watchers go on from there. */
  changed_seq: number;
}

/**
 * Decisions of approvers that counted when they were submitted; each is counted again before anything is ordered. Of one
 * person at most one stands; those that were taken back stay, with the token that did it.
 */
export interface ApprovalsTable {
  request_id: string;
  approver: string;
  decision: 'approve' | 'reject';
  reason: string;
  token: string;
  submitted_at_ms: number;
  withdrawal: string | null;
  withdrawn_at_ms: number | null;
}

/** Aborts, stored before they are published. */
export interface AbortsTable {
  request_id: string;
  aborter: string;
  reason: string;
  envelope: Uint8Array;
  created_at_ms: number;
  /** Null until the broker has taken it. */
  published_at_ms: number | null;
}

/** Orders, stored before they are published; the envelope bytes are sent unchanged as often as asked for. */
export interface OrdersTable {
  id: string;
  request_id: string;
  attempt: number;
  envelope: Uint8Array;
  created_at_ms: number;
  /** Null until the broker has taken it. */
  published_at_ms: number | null;
}

/** Signed results. `late` is 1 for what a host said after its outcome was final. */
export interface ResultsTable {
  request_id: string;
  host: string;
  attempt: number;
  late: number;
  digest: Uint8Array;
  result: Uint8Array;
  signature: string;
  received_at_ms: number;
}

/** Every trust bundle that was accepted; never changed, never removed. */
export interface TrustBundlesTable {
  version: number;
  digest: Uint8Array;
  /** The exact bytes that the roots signed, and their signatures as a JSON array. */
  bundle: Uint8Array;
  signatures: string;
  /** 1 where its roots are others than those of the version before. */
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

/** One row: what this store is called in checkpoints. The audit log's hash chain begins with it. */
export interface StoreIdentityTable {
  singleton: number;
  id: string;
}

/** The newest few checkpoints; `token` says the same `seq`. */
export interface CheckpointsTable {
  seq: number;
  token: string;
}

/** Signatures of modules that the controller made. Digests are hex. */
export interface ModuleSignaturesTable {
  request_id: string;
  host: string;
  attempt: number;
  /** SHA-256 of the unsigned module, and of the BuildFacts that it was compiled from. */
  image: string;
  facts: string;
  /** The certificate, as kernels name its key. */
  key_id: string;
  /** DER of the SignedData. */
  signature: Uint8Array;
  signed_at_ms: number;
}

/** What hosts said of builds of kernels when modules were compiled for them; only what was new each time. */
export interface KernelFactsTable {
  build: string;
  /** SHA-256 of `facts`, in hex. */
  digest: string;
  /** Lines of a name, a tab, and a value. */
  facts: string;
  /** Who said it first. */
  host: string;
  told_at_ms: number;
}
