import type {
  AbortedProgress,
  HoldReason,
  LockKind,
  RequestState,
  RolloutActionName,
  RolloutState,
  WaveState,
} from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';

/**
 * The tables as kysely sees them. Times are milliseconds since the epoch. The types used (text, integers up
 * to 2^53, bytes) are those that SQLite and PostgreSQL have in common; `migrations.ts` must change with this
 * file.
 */
export interface Schema {
  hosts: HostsTable;
  enrolments: EnrolmentsTable;
  host_keys: HostKeysTable;
  host_removals: HostRemovalsTable;
  requests: RequestsTable;
  expected_hosts: ExpectedHostsTable;
  approvals: ApprovalsTable;
  aborts: AbortsTable;
  abort_statements: AbortStatementsTable;
  emergencies: EmergenciesTable;
  reviews: ReviewsTable;
  orders: OrdersTable;
  results: ResultsTable;
  audit: AuditTable;
  store_identity: StoreIdentityTable;
  checkpoints: CheckpointsTable;
  trust_bundles: TrustBundlesTable;
  leases: LeasesTable;
  used_tokens: UsedTokensTable;
  rollouts: RolloutsTable;
  rollout_actions: RolloutActionsTable;
  waves: WavesTable;
  attempts: AttemptsTable;
  wave_counts: WaveCountsTable;
  plans: PlansTable;
  host_contacts: HostContactsTable;
  host_heartbeats: HostHeartbeatsTable;
  locks: LocksTable;
  controller_logins: ControllerLoginsTable;
  host_journals: HostJournalsTable;
  host_acceptances: HostAcceptancesTable;
  module_signatures: ModuleSignaturesTable;
  kernel_facts: KernelFactsTable;
  console_sessions: ConsoleSessionsTable;
  console_tickets: ConsoleTicketsTable;
  kernel_types: KernelTypesTable;
  log_cursors: LogCursorsTable;
  table_macs: TableMacsTable;
}

/** Name of a table. */
export type TableName = keyof Schema;

/** Name of a table whose rows carry a MAC, in their column `mac`; see `row-macs.ts`. */
export type MacTableName = Exclude<
  { [T in TableName]: Schema[T] extends { mac: Uint8Array } ? T : never }[TableName],
  'table_macs'
>;

/** One row for each table whose rows carry a MAC: how many rows there are, and the sum of their MACs. */
export interface TableMacsTable {
  name: string;
  row_count: number;
  /** The sum of the rows' MACs modulo 2^256, big-endian. */
  sum: Uint8Array;
  /** Over all of this. */
  mac: Uint8Array;
}

/** One row for each time that a person let a held host go on. */
export interface HostAcceptancesTable {
  token: string;
  host: string;
  kid: string;
  /** When the host was held. */
  held_ms: number;
  actor: string;
  reason: string;
  accepted_at_ms: number;
}

/** One row for each permission to become a host: the draft and who signed it. The secret is never stored. */
export interface EnrolmentsTable {
  id: string;
  enrolment_kid: string;
  host: string;
  /** JSON. */
  labels: string;
  made_by: string;
  made_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
  revoked_at_ms: number | null;
  /** The EnrolmentDraft, and an approver's token over it. */
  draft: Uint8Array;
  token: string;
  /** An approver's token by which it was revoked. */
  revocation: string | null;
  mac: Uint8Array;
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
  /** The Redemption by which the keys came in. */
  redemption: Uint8Array;
  mac: Uint8Array;
}

/** One row for each signature for the removal of a host. */
export interface HostRemovalsTable {
  token: string;
  enrolment_id: string;
  host: string;
  kid: string;
  signer: string;
  reason: string;
  signed_at_ms: number;
}

/** One row for each lock that was ever set; at most one on each name stands. */
export interface LocksTable {
  kind: LockKind;
  name: string;
  /** JSON: ids of the keys that do not count. */
  kids: string;
  reason: string;
  locked_by: string;
  locked_at_ms: number;
  /** By which it was set. */
  token: string;
  ended_by: string | null;
  ended_at_ms: number | null;
  /** By which it ended. */
  end_token: string | null;
}

/** One row for each nkey with which a controller has logged in at the broker. */
export interface ControllerLoginsTable {
  controller: string;
  nkey: string;
  first_seen_ms: number;
  mac: Uint8Array;
}

/** One row for each host that ever said hello, with the key that signed its newest facts. */
export interface HostsTable {
  name: string;
  kid: string;
  public_jwk: string;
  /** The exact HostFacts bytes, and the host's token over them. */
  facts: Uint8Array;
  facts_signature: string;
  first_seen_ms: number;
}

/** When each host was heard of, which moves with every message and is therefore not in the audit log. */
export interface HostContactsTable {
  host: string;
  last_seen_ms: number;
  /** `iat` of the newest token over its facts: facts never go back in time. */
  facts_signed_at_s: number;
  mac: Uint8Array;
}

/** One row for each request; `bytes` are what approvers sign and are never encoded again. */
export interface RequestsTable {
  id: string;
  digest: Uint8Array;
  bytes: Uint8Array;
  /** The requester's farcall-request+jwt over `bytes`. */
  token: string;
  state: RequestState;
  created_at_ms: number;
  expires_at_ms: number;
  /** From this moment on, hosts that were never heard of are given up: see `giveUpHosts`. */
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
  /**
   * Null as long as there is none. `unreachable` is for now: a result of the host, or the end of the request,
   * replaces it.
   */
  outcome: Outcome | null;
  /** The wave that it is in, from 1. */
  wave: number;
  /** Of the newest order for it. */
  attempt: number;
  /** What was wrong with it after its wave; null if nothing was, or nobody looked. */
  unhealthy: string | null;
  /** Number of the audit entry of the last change; watchers go on from there. */
  changed_seq: number;
  /** The `resultSummaryText` of the result that gave the outcome; it counts while it names this outcome. */
  result_summary: string | null;
}

/**
 * Decisions of approvers that counted when they were submitted; each is counted again before anything is
 * ordered. Of one person at most one stands; those that were withdrawn stay, with the token that did it.
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
  /** When the request was over; null until then. */
  ended_at_ms: number | null;
}

/** What the hosts of aborted requests say: that the abort is in their journals. */
export interface AbortStatementsTable {
  request_id: string;
  host: string;
  progress: AbortedProgress;
  /** The exact AbortStatement bytes, and the host's token over them. */
  statement: Uint8Array;
  signature: string;
  received_at_ms: number;
}

/** Approved requests of the policy `emergency`, which people who were not in them must review. */
export interface EmergenciesTable {
  request_id: string;
  begun_at_ms: number;
  /** Until when, and by how many people. */
  due_at_ms: number;
  reviewers: number;
  /** Null as long as too few people have reviewed it. */
  reviewed_at_ms: number | null;
  /** When it was recorded that the reviews did not come in time; null if that was not recorded. */
  overdue_at_ms: number | null;
}

/** Reviews of emergencies, each with the token that signs it. */
export interface ReviewsTable {
  request_id: string;
  reviewer: string;
  verdict: 'accept' | 'object';
  reason: string;
  token: string;
  submitted_at_ms: number;
}

/** Orders, stored before they are published; the envelope bytes are sent unchanged as often as asked for. */
export interface OrdersTable {
  id: string;
  request_id: string;
  attempt: number;
  wave: number;
  envelope: Uint8Array;
  created_at_ms: number;
  /** Null until the broker has taken it. */
  published_at_ms: number | null;
}

/** Signed results. `late` is 1 for a result that came after the host's outcome was final. */
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
  /** 1 if its roots are others than those of the version before. */
  changes_roots: number;
  accepted_at_ms: number;
}

/** Plans as they were made; a request names one by its digest. */
export interface PlansTable {
  id: string;
  digest: Uint8Array;
  /** The encoded Plan, with what the hosts signed. */
  bytes: Uint8Array;
  made_by: string;
  made_at_ms: number;
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

/** The last heartbeat of each host; the audit log does not record them. */
export interface HostHeartbeatsTable {
  host: string;
  boot_id: string;
  taint: number;
  oops: string | null;
  /** By the host's clock, as `observed_at_ms`. */
  oops_at_ms: number | null;
  waiting_results: number;
  trust_version: number;
  trust_confirmed_at_ms: number;
  newer_trust_version: number | null;
  observed_at_ms: number;
  /** By the controller's clock. */
  received_at_ms: number;
  mac: Uint8Array;
}

/** How far the journal of each host has come; the audit log records only who is held. */
export interface HostJournalsTable {
  host: string;
  /** The key that signed the statement. */
  kid: string;
  /** The incarnation that was admitted last; empty after a person has accepted the host. */
  incarnation: string;
  sequence: number;
  head: Uint8Array;
  /** When the host made its last statement, by its own clock. */
  observed_at_ms: number;
  hold: HoldReason | null;
  hold_since_ms: number | null;
  /** When a person let it go on last. */
  accepted_at_ms: number | null;
  mac: Uint8Array;
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

/** Who does what only one controller may do at a time; see `lease-store.ts`. */
export interface LeasesTable {
  name: string;
  /** Grows by one with each holder, and never goes back. */
  epoch: number;
  /** Empty if it was given back. */
  holder: string;
  /** By the clock of the engine. */
  expires_at_ms: number;
  mac: Uint8Array;
}

/** Operator tokens that were used, as long as they would be accepted again. */
export interface UsedTokensTable {
  signer: string;
  jti: string;
  issued_at_s: number;
  mac: Uint8Array;
}

/** One row for each action of a person on a rollout: the token that they signed, and what it says. */
export interface RolloutActionsTable {
  token: string;
  request_id: string;
  action: RolloutActionName;
  actor: string;
  reason: string;
  made_at_ms: number;
}

/** How far each request is on its way through its waves. */
export interface RolloutsTable {
  request_id: string;
  state: RolloutState;
  /** The newest wave that was ordered or passed over; 0 before the first. */
  wave: number;
  /** The newest attempt; 0 before the first order. */
  attempt: number;
  /** 1 if a retry was made since it stopped: the orders of that go out all the same. */
  retried: number;
  /** Why it is paused or stopped. */
  reason: string;
  answer_within_ms: number;
  changed_at_ms: number;
  /** Number of the audit entry of the last change. */
  changed_seq: number;
}

/** The waves of each request. */
export interface WavesTable {
  request_id: string;
  number: number;
  state: WaveState;
  /** How many expected hosts are in it. */
  hosts: number;
  slice_from: number;
  slice_to: number;
  /** 1 if it bakes, or is looked at, after its last host answered: the request is not over before. */
  watched: number;
  started_at_ms: number | null;
  /** Null as long as its order is not out. */
  answer_by_ms: number | null;
  bake_until_ms: number | null;
  ended_at_ms: number | null;
}

/**
 * How many hosts of a wave ended in an outcome, so that judging a wave reads a few rows and not all hosts.
 */
export interface WaveCountsTable {
  request_id: string;
  wave: number;
  outcome: Outcome;
  hosts: number;
  /** Those of them that were unhealthy after the wave. */
  unhealthy: number;
}

/** The first attempt at each request, and its retries. */
export interface AttemptsTable {
  request_id: string;
  attempt: number;
  actor: string;
  reason: string;
  /** Outcomes of the hosts that it is for, with commas between; empty for the first attempt. */
  only_outcomes: string;
  made_at_ms: number;
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

/**
 * Facts that hosts reported about kernel builds when modules were compiled for them; only what was new each
 * time.
 */
export interface KernelFactsTable {
  build: string;
  /** SHA-256 of `facts`, in hex. */
  digest: string;
  /** Lines of a name, a tab, and a value. */
  facts: string;
  /** The host that reported it first. */
  host: string;
  reported_at_ms: number;
  mac: Uint8Array;
}

/** How an operator signed in at the console. */
export type SignInMethod = 'passkey' | 'operator-key' | 'oidc';

/** Who is signed in at the console. */
export interface ConsoleSessionsTable {
  /** SHA-256 of what the browser holds, in hex. */
  id: string;
  person: string;
  kid: string;
  sign_in_method: SignInMethod;
  used_at_ms: number;
  ends_at_ms: number;
  mac: Uint8Array;
}

/** One-time tickets of the console: challenges, codes and sign-ins at a provider. */
export interface ConsoleTicketsTable {
  /** SHA-256 of it, in hex. */
  id: string;
  kind: string;
  /** Empty for challenges. */
  person: string;
  kid: string;
  ends_at_ms: number;
  mac: Uint8Array;
}

/** Types and names of each kernel build, as one host reported them, to check programs by. */
export interface KernelTypesTable {
  release: string;
  version: string;
  arch: string;
  /** SHA-256 of `packed`, a packed KernelTypes. */
  digest: Uint8Array;
  packed: Uint8Array;
  /** How many functions its types know. */
  functions: number;
  /** Which host reported it. */
  host: string;
  fetched_at_ms: number;
  mac: Uint8Array;
}
