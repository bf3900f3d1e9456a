import { REQUEST_STATES } from '../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../shared/outcome/index.ts';

const oneOf = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ');

/**
 * The schema's history for SQLite; entry n brings a store from `user_version` n to n + 1. An entry that was released is
 * never edited: a change is a new entry.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table hosts (
    name text primary key,
    kid text not null,
    public_jwk text not null,
    facts blob not null,
    facts_signature text not null,
    facts_signed_at_s integer not null,
    first_seen_ms integer not null,
    last_seen_ms integer not null
  ) strict;

  create table requests (
    id text primary key,
    digest blob not null unique,
    bytes blob not null,
    state text not null check (state in (${oneOf(REQUEST_STATES)})),
    created_at_ms integer not null,
    expires_at_ms integer not null,
    settle_at_ms integer not null,
    expected_hosts integer not null check (expected_hosts > 0),
    settled_hosts integer not null default 0 check (settled_hosts between 0 and expected_hosts),
    check (state not in ('finished', 'expired') or settled_hosts = expected_hosts)
  ) strict;
  create index requests_by_state on requests (state, expires_at_ms);
  create index requests_by_time on requests (created_at_ms);

  create table expected_hosts (
    request_id text not null references requests (id),
    host text not null references hosts (name),
    kernel_release text not null,
    arch text not null,
    outcome text check (outcome in (${oneOf(OUTCOME_NAMES)})),
    changed_seq integer not null,
    primary key (request_id, host)
  ) strict;
  create index expected_hosts_by_change on expected_hosts (request_id, changed_seq, host);
  create index expected_hosts_open on expected_hosts (host) where outcome is null;

  create table approvals (
    request_id text not null references requests (id),
    approver text not null,
    token text not null,
    submitted_at_ms integer not null,
    primary key (request_id, approver)
  ) strict;

  create table orders (
    id text primary key,
    request_id text not null references requests (id),
    attempt integer not null,
    envelope blob not null,
    created_at_ms integer not null,
    published_at_ms integer,
    unique (request_id, attempt)
  ) strict;
  create index orders_unpublished on orders (created_at_ms) where published_at_ms is null;

  create table results (
    request_id text not null,
    host text not null,
    attempt integer not null,
    late integer not null check (late in (0, 1)),
    digest blob not null,
    result blob not null,
    signature text not null,
    received_at_ms integer not null,
    primary key (request_id, host, attempt, late),
    foreign key (request_id, host) references expected_hosts (request_id, host),
    foreign key (request_id, attempt) references orders (request_id, attempt)
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
  create trigger audit_no_update before update on audit begin select raise(abort, 'the audit log only grows'); end;
  create trigger audit_no_delete before delete on audit begin select raise(abort, 'the audit log only grows'); end;
  `,
  `
  create table enrolments (
    id text primary key,
    secret_digest blob not null unique check (length(secret_digest) = 32),
    host text not null,
    labels text not null,
    replaces integer not null check (replaces in (0, 1)),
    made_by text not null,
    made_at_ms integer not null,
    expires_at_ms integer not null,
    used_at_ms integer,
    revoked_at_ms integer,
    check (used_at_ms is null or revoked_at_ms is null)
  ) strict;
  create index enrolments_by_time on enrolments (made_at_ms);

  create table host_keys (
    id integer primary key,
    host text not null,
    kid text not null,
    public_jwk text not null,
    nkey text not null,
    labels text not null,
    enrolment_id text not null unique references enrolments (id),
    enrolled_at_ms integer not null,
    ended_at_ms integer
  ) strict;
  create index host_keys_by_host on host_keys (host);
  create unique index host_keys_of_host on host_keys (host) where ended_at_ms is null;
  create unique index host_keys_kid on host_keys (kid) where ended_at_ms is null;
  create unique index host_keys_nkey on host_keys (nkey) where ended_at_ms is null;
  `,
];
