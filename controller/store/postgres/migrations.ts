import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { MIGRATIONS } from '../schema/index.ts';
import { inPostgres } from './spelling.ts';

/** SQLite's version of the schema with which PostgreSQL's history begins. */
export const FIRST_POSTGRES_VERSION = 5;

const OUTCOMES = OUTCOME_NAMES.map(name => `'${name}'`).join(', ');

/** Everything that SQLite's entries before {@link FIRST_POSTGRES_VERSION} lead to, at once. Never edited either. */
const FIRST = inPostgres(`
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
    state text not null check (state in ('pending', 'rejected', 'approved', 'dispatched', 'aborting', 'finished',
      'expired', 'aborted')),
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
    outcome text check (outcome in (${OUTCOMES})),
    changed_seq integer not null,
    primary key (request_id, host)
  ) strict;
  create index expected_hosts_by_change on expected_hosts (request_id, changed_seq, host);
  create index expected_hosts_open on expected_hosts (host) where outcome is null;

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
  create unique index approvals_standing on approvals (request_id, approver) where withdrawal is null;

  create table aborts (
    request_id text primary key references requests (id),
    aborter text not null,
    reason text not null,
    envelope blob not null,
    created_at_ms integer not null,
    published_at_ms integer
  ) strict;
  create index aborts_unpublished on aborts (created_at_ms) where published_at_ms is null;

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
  create index audit_by_request on audit (request_id, seq);
  create index audit_by_kind on audit (kind, seq);

  create table store_identity (
    singleton integer primary key check (singleton = 1),
    id text not null
  ) strict;
  insert into store_identity values (1, replace(gen_random_uuid()::text, '-', ''));

  create table checkpoints (
    seq integer primary key,
    token text not null
  ) strict;

  create table trust_bundles (
    version integer primary key check (version > 0),
    digest blob not null,
    bundle blob not null,
    signatures text not null,
    changes_roots integer not null check (changes_roots in (0, 1)),
    accepted_at_ms integer not null
  ) strict;

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
    enrolment_id text primary key references enrolments (id),
    host text not null,
    kid text not null,
    public_jwk text not null,
    nkey text not null,
    labels text not null,
    enrolled_at_ms integer not null,
    ended_at_ms integer
  ) strict;
  create index host_keys_by_host on host_keys (host);
  create unique index host_keys_of_host on host_keys (host) where ended_at_ms is null;
  create unique index host_keys_kid on host_keys (kid) where ended_at_ms is null;
  create unique index host_keys_nkey on host_keys (nkey) where ended_at_ms is null;
`);

/** Rows of these tables are written once; truncating passes triggers on rows by. */
const ONLY_GROW = `
  create function only_grows() returns trigger language plpgsql as
    $$ begin raise exception '% only grows', tg_argv[0]; end $$;
  create trigger audit_only_grows before update or delete on audit
    for each row execute function only_grows('the audit log');
  create trigger audit_no_truncate before truncate on audit
    for each statement execute function only_grows('the audit log');
  create trigger trust_only_grows before update or delete on trust_bundles
    for each row execute function only_grows('trust');
  create trigger trust_no_truncate before truncate on trust_bundles
    for each statement execute function only_grows('trust');
`;

/** PostgreSQL's history: by version to which it leads, in order. */
export const POSTGRES_MIGRATIONS: ReadonlyMap<number, string> = new Map([
  [FIRST_POSTGRES_VERSION, FIRST + ONLY_GROW],
  ...MIGRATIONS.slice(FIRST_POSTGRES_VERSION).map(
    (migration, index) => [FIRST_POSTGRES_VERSION + index + 1, inPostgres(migration)] as const,
  ),
]);

/** Which versions the schema had, and since when. */
export const VERSION_TABLE =
  'create table if not exists schema_versions (version bigint primary key, since timestamptz not null)';
