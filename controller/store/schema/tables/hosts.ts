import {
  HOLD_REASONS,
  type HoldReason,
  LOCK_KINDS,
  type LockKind,
} from '../../../../shared/messages/index.ts';
import { oneOf } from './one-of.ts';

/** The tables of hosts, and of who may be one, in SQLite's spelling; their types follow. */
export const HOSTS_SQL = `
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
    labels_number integer not null check (labels_number >= 0),
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

  create table host_labels (
    token text primary key,
    enrolment_id text not null references host_keys (enrolment_id),
    host text not null,
    kid text not null,
    number integer not null check (number > 0),
    labels text not null,
    signer text not null,
    reason text not null,
    signed_at_ms integer not null,
    counted_at_ms integer
  ) strict;
  create index host_labels_by_enrolment on host_labels (enrolment_id, number);

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
    mac blob not null,
    primary key (kind, name, locked_at_ms),
    check ((ended_at_ms is null) = (end_token is null))
  ) strict;

  create table controller_logins (
    controller text not null,
    nkey text not null,
    first_seen_ms integer not null,
    mac blob not null,
    primary key (controller, nkey)
  ) strict;
`;

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
  /** How often people have changed the labels since the enrolment. */
  labels_number: number;
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

/** One row for each signature for other labels of a host. */
export interface HostLabelsTable {
  token: string;
  enrolment_id: string;
  host: string;
  kid: string;
  /** Which change of labels since the enrolment it is for. */
  number: number;
  /** JSON. */
  labels: string;
  signer: string;
  reason: string;
  signed_at_ms: number;
  /** When the host got these labels by it and others. */
  counted_at_ms: number | null;
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
  mac: Uint8Array;
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
