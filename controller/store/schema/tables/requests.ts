import {
  ABORTED_PROGRESS,
  type AbortedProgress,
  REQUEST_STATES,
  type RequestState,
} from '../../../../shared/messages/index.ts';
import { OUTCOME_NAMES, type Outcome } from '../../../../shared/outcome/index.ts';
import { oneOf } from './one-of.ts';

/**
 * The tables of requests, and of what people decided about them, in SQLite's spelling; their types follow.
 */
export const REQUESTS_SQL = `
  create table requests (
    id text primary key,
    digest blob not null unique,
    bytes blob not null,
    token text not null,
    state text not null check (state in (${oneOf(REQUEST_STATES)})),
    created_at_ms integer not null,
    expires_at_ms integer not null,
    settle_at_ms integer not null,
    expected_hosts integer not null check (expected_hosts > 0),
    settled_hosts integer not null default 0 check (settled_hosts between 0 and expected_hosts),
    check (state not in ('finished', 'expired', 'aborted') or settled_hosts = expected_hosts)
  ) strict;
  create index requests_by_state on requests (state, expires_at_ms);
  create index requests_by_time on requests (created_at_ms);

  create table expected_hosts (
    request_id text not null references requests (id),
    host text not null references hosts (name),
    kernel_release text not null,
    arch text not null,
    wave integer not null check (wave > 0),
    attempt integer not null check (attempt > 0),
    outcome text check (outcome in (${oneOf(OUTCOME_NAMES)})),
    unhealthy text,
    result_summary text,
    changed_seq integer not null,
    primary key (request_id, host)
  ) strict;
  create index expected_hosts_by_change on expected_hosts (request_id, changed_seq, host);
  create index expected_hosts_open on expected_hosts (host) where outcome is null or outcome = 'unreachable';
  create index expected_hosts_by_wave on expected_hosts (request_id, wave, outcome);

  create table approvals (
    request_id text not null references requests (id),
    approver text not null,
    decision text not null check (decision in ('approve', 'reject')),
    reason text not null,
    token text not null,
    submitted_at_ms integer not null,
    withdrawal text,
    withdrawn_at_ms integer,
    primary key (request_id, token)
  ) strict;
  create unique index approvals_active on approvals (request_id, approver) where withdrawal is null;

  create table aborts (
    request_id text primary key references requests (id),
    aborter text not null,
    reason text not null,
    envelope blob not null,
    created_at_ms integer not null,
    published_at_ms integer,
    ended_at_ms integer
  ) strict;
  create index aborts_unpublished on aborts (created_at_ms) where published_at_ms is null;

  create table abort_statements (
    request_id text not null,
    host text not null,
    progress text not null check (progress in (${oneOf(ABORTED_PROGRESS)})),
    statement blob not null,
    signature text not null,
    received_at_ms integer not null,
    primary key (request_id, host),
    foreign key (request_id, host) references expected_hosts (request_id, host)
  ) strict;

  create table emergencies (
    request_id text primary key references requests (id),
    begun_at_ms integer not null,
    due_at_ms integer not null,
    reviewers integer not null check (reviewers > 0),
    reviewed_at_ms integer,
    overdue_at_ms integer
  ) strict;
  create index emergencies_unreviewed on emergencies (due_at_ms) where reviewed_at_ms is null;

  create table reviews (
    request_id text not null references emergencies (request_id),
    reviewer text not null,
    verdict text not null check (verdict in ('accept', 'object')),
    reason text not null,
    token text not null,
    submitted_at_ms integer not null,
    primary key (request_id, reviewer)
  ) strict;

  create table plans (
    id text primary key,
    digest blob not null unique,
    bytes blob not null,
    made_by text not null,
    made_at_ms integer not null
  ) strict;
`;

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

/** Plans as they were made; a request names one by its digest. */
export interface PlansTable {
  id: string;
  digest: Uint8Array;
  /** The encoded Plan, with what the hosts signed. */
  bytes: Uint8Array;
  made_by: string;
  made_at_ms: number;
}
