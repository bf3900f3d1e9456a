import {
  ROLLOUT_ACTIONS,
  ROLLOUT_STATES,
  type RolloutActionName,
  type RolloutState,
  WAVE_STATES,
  type WaveState,
} from '../../../../shared/messages/index.ts';
import { OUTCOME_NAMES, type Outcome } from '../../../../shared/outcome/index.ts';
import { oneOf } from './one-of.ts';

/** The tables of rollouts, orders and results, in SQLite's spelling; their types follow. */
export const ROLLOUTS_SQL = `
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

  create table result_rows (
    request_id text not null,
    host text not null,
    attempt integer not null,
    dropped integer not null,
    columns text not null,
    rows text not null,
    primary key (request_id, host, attempt),
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

/** The rows of results that are not late, as `resultRowsOf` makes them of their bytes. */
export interface ResultRowsTable {
  request_id: string;
  host: string;
  attempt: number;
  dropped: number;
  columns: string;
  rows: string;
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
