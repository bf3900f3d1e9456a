import {
  ABORTED_PROGRESS,
  HOLD_REASONS,
  LOCK_KINDS,
  REQUEST_STATES,
  ROLLOUT_ACTIONS,
  ROLLOUT_STATES,
  WAVE_STATES,
} from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';

const oneOf = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ');

const HOSTS = `
  create table hosts (
    name text primary key,
    kid text not null,
    public_jwk text not null,
    facts blob not null,
    facts_signature text not null,
    first_seen_ms integer not null
  ) strict;

  create table host_contacts (
    host text primary key references hosts (name),
    last_seen_ms integer not null,
    facts_signed_at_s integer not null,
    mac blob not null
  ) strict;

  create table host_heartbeats (
    host text primary key references hosts (name),
    boot_id text not null,
    taint integer not null,
    oops text,
    oops_at_ms integer,
    waiting_results integer not null,
    trust_version integer not null,
    trust_confirmed_at_ms integer not null,
    newer_trust_version integer,
    observed_at_ms integer not null,
    received_at_ms integer not null,
    mac blob not null
  ) strict;

  create table host_journals (
    host text primary key references hosts (name),
    kid text not null,
    incarnation text not null,
    sequence integer not null check (sequence >= 0),
    head blob not null check (length(head) = 32),
    observed_at_ms integer not null,
    hold text check (hold in (${oneOf(HOLD_REASONS)})),
    hold_since_ms integer,
    accepted_at_ms integer,
    mac blob not null,
    check ((hold is null) = (hold_since_ms is null))
  ) strict;

  create table host_acceptances (
    token text primary key,
    host text not null references hosts (name),
    kid text not null,
    held_ms integer not null,
    actor text not null,
    reason text not null,
    accepted_at_ms integer not null
  ) strict;

  create table enrolments (
    id text primary key,
    enrolment_kid text not null unique,
    host text not null,
    labels text not null,
    made_by text not null,
    made_at_ms integer not null,
    expires_at_ms integer not null,
    used_at_ms integer,
    revoked_at_ms integer,
    draft blob not null,
    token text not null,
    revocation text,
    mac blob not null,
    check ((revoked_at_ms is null) = (revocation is null)),
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
    ended_at_ms integer,
    redemption blob not null,
    mac blob not null
  ) strict;
  create index host_keys_by_host on host_keys (host);
  create unique index host_keys_of_host on host_keys (host) where ended_at_ms is null;
  create unique index host_keys_kid on host_keys (kid) where ended_at_ms is null;
  create unique index host_keys_nkey on host_keys (nkey) where ended_at_ms is null;
  create index host_keys_ended on host_keys (ended_at_ms) where ended_at_ms is not null;

  create table host_removals (
    token text primary key,
    enrolment_id text not null references host_keys (enrolment_id),
    host text not null,
    kid text not null,
    signer text not null,
    reason text not null,
    signed_at_ms integer not null
  ) strict;
  create index host_removals_by_enrolment on host_removals (enrolment_id);

  create table locks (
    kind text not null check (kind in (${oneOf(LOCK_KINDS)})),
    name text not null,
    kids text not null,
    reason text not null,
    locked_by text not null,
    locked_at_ms integer not null,
    token text not null unique,
    ended_by text,
    ended_at_ms integer,
    end_token text,
    primary key (kind, name, locked_at_ms),
    check ((ended_at_ms is null) = (end_token is null))
  ) strict;
  create unique index locks_standing on locks (kind, name) where ended_at_ms is null;

  create table controller_logins (
    controller text not null,
    nkey text not null,
    first_seen_ms integer not null,
    mac blob not null,
    primary key (controller, nkey)
  ) strict;
`;

const REQUESTS = `
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

const ROLLOUTS = `
  create table rollouts (
    request_id text primary key references requests (id),
    state text not null check (state in (${oneOf(ROLLOUT_STATES)})),
    wave integer not null check (wave >= 0),
    attempt integer not null check (attempt >= 0),
    retried integer not null check (retried in (0, 1)),
    reason text not null,
    answer_within_ms integer not null check (answer_within_ms > 0),
    changed_at_ms integer not null,
    changed_seq integer not null
  ) strict;
  create index rollouts_by_state on rollouts (state);

  create table rollout_actions (
    token text primary key,
    request_id text not null references rollouts (request_id),
    action text not null check (action in (${oneOf(ROLLOUT_ACTIONS)})),
    actor text not null,
    reason text not null,
    made_at_ms integer not null
  ) strict;

  create table waves (
    request_id text not null references rollouts (request_id),
    number integer not null check (number > 0),
    state text not null check (state in (${oneOf(WAVE_STATES)})),
    hosts integer not null check (hosts >= 0),
    slice_from integer not null check (slice_from >= 0),
    slice_to integer not null check (slice_to >= slice_from and slice_to <= 4294967296),
    watched integer not null check (watched in (0, 1)),
    started_at_ms integer,
    answer_by_ms integer,
    bake_until_ms integer,
    ended_at_ms integer,
    check ((state = 'pending') = (started_at_ms is null)),
    primary key (request_id, number)
  ) strict;

  create table wave_counts (
    request_id text not null,
    wave integer not null,
    outcome text not null check (outcome in (${oneOf(OUTCOME_NAMES)})),
    hosts integer not null check (hosts >= 0),
    unhealthy integer not null check (unhealthy between 0 and hosts),
    primary key (request_id, wave, outcome),
    foreign key (request_id, wave) references waves (request_id, number)
  ) strict;

  create table attempts (
    request_id text not null references rollouts (request_id),
    attempt integer not null check (attempt > 0),
    actor text not null,
    reason text not null,
    only_outcomes text not null,
    made_at_ms integer not null,
    primary key (request_id, attempt)
  ) strict;

  create table orders (
    id text primary key,
    request_id text not null,
    attempt integer not null,
    wave integer not null,
    envelope blob not null,
    created_at_ms integer not null,
    published_at_ms integer,
    unique (request_id, attempt, wave),
    foreign key (request_id, attempt) references attempts (request_id, attempt),
    foreign key (request_id, wave) references waves (request_id, number)
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
    foreign key (request_id, attempt) references attempts (request_id, attempt)
  ) strict;

  create table leases (
    name text primary key,
    epoch integer not null check (epoch > 0),
    holder text not null,
    expires_at_ms integer not null,
    mac blob not null
  ) strict;
`;

const TRUST_AND_AUDIT = `
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

const SIGNING_AND_KERNELS = `
  create table module_signatures (
    request_id text not null references requests (id),
    host text not null,
    attempt integer not null,
    image text not null,
    facts text not null,
    key_id text not null,
    signature blob not null,
    signed_at_ms integer not null,
    primary key (request_id, host, attempt, image)
  ) strict;

  create table kernel_facts (
    build text not null,
    digest text not null,
    facts text not null,
    host text not null,
    reported_at_ms integer not null,
    mac blob not null,
    primary key (build, digest)
  ) strict;

  create table kernel_types (
    release text not null,
    version text not null,
    arch text not null,
    digest blob not null check (length(digest) = 32),
    packed blob not null,
    functions integer not null,
    host text not null,
    fetched_at_ms integer not null,
    mac blob not null,
    primary key (release, version, arch)
  ) strict;
`;

const SESSIONS = `
  create table used_tokens (
    signer text not null,
    jti text not null,
    issued_at_s integer not null,
    mac blob not null,
    primary key (signer, jti)
  ) strict;
  create index used_tokens_by_time on used_tokens (issued_at_s);

  create table console_sessions (
    id text primary key,
    person text not null,
    kid text not null,
    sign_in_method text not null,
    used_at_ms integer not null,
    ends_at_ms integer not null,
    mac blob not null
  ) strict;

  create table console_tickets (
    id text primary key,
    kind text not null,
    person text not null,
    kid text not null,
    ends_at_ms integer not null,
    mac blob not null
  ) strict;
`;

/**
 * The tables of schema 1, in an order in which each table comes after those it refers to. In SQLite's
 * spelling.
 */
export const BASELINE_TABLES = [
  HOSTS,
  REQUESTS,
  ROLLOUTS,
  TRUST_AND_AUDIT,
  SIGNING_AND_KERNELS,
  SESSIONS,
].join('');

/** The rest of schema 1 in SQLite: a random id of the store, and triggers that keep what is written once. */
export const BASELINE_SQLITE = `
  insert into store_identity values (1, lower(hex(randomblob(16))));
  create trigger audit_no_update before update on audit
    begin select raise(abort, 'the audit log only grows'); end;
  create trigger audit_no_delete before delete on audit
    begin select raise(abort, 'the audit log only grows'); end;
  create trigger trust_no_update before update on trust_bundles
    begin select raise(abort, 'trust bundles only grow'); end;
  create trigger trust_no_delete before delete on trust_bundles
    begin select raise(abort, 'trust bundles only grow'); end;
`;

/** The same in PostgreSQL, where truncating a table does not call the triggers on its rows. */
export const BASELINE_POSTGRES = `
  insert into store_identity values (1, replace(gen_random_uuid()::text, '-', ''));
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
