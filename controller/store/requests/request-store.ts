import type { Kysely } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type CallRequest,
  callRequestCodec,
  type KernelGroup,
  type OutcomeCount,
  type RequestState,
} from '../../../shared/messages/index.ts';
import { storedRevision } from '../approvals/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import { beginEmergency, type NewEmergency } from '../emergencies/index.ts';
import {
  countKernels,
  countOutcomes,
  insertRollout,
  moveState,
  type NewRollout,
  unknownRequest,
} from '../progress/index.ts';
import type { RequestsTable, Schema } from '../schema/index.ts';
import { expectedHostsDigest } from './expected-hosts-digest.ts';

/** A host that a request expects, with the kernel that it had when the request was made. */
export interface ExpectedHost {
  readonly host: string;
  readonly kernelRelease: string;
  readonly arch: string;
  /** The wave that it is in, from 1. */
  readonly wave: number;
}

/** A request to be stored, with everything about it that never changes again. */
export interface NewRequest {
  readonly id: string;
  readonly requester: string;
  /** The encoded CallRequest, and its SHA-256. */
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
  /** The requester's farcall-request+jwt over `bytes`, and the trust bundle by which it was verified. */
  readonly token: string;
  readonly trustVersion: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly settleAtMs: number;
  readonly hosts: readonly ExpectedHost[];
  readonly rollout: NewRollout;
}

/** A stored request. */
export interface RequestRecord {
  readonly id: string;
  /** The encoded CallRequest: exactly the bytes that people sign. */
  readonly bytes: Uint8Array;
  /** The decoded `bytes`; decoded once, when the member is first read. */
  readonly request: CallRequest;
  readonly digest: Uint8Array;
  /** The requester's farcall-request+jwt over `bytes`. */
  readonly token: string;
  readonly state: RequestState;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly settleAtMs: number;
  readonly expectedHosts: number;
}

/** By whom, and by which version of the trust bundle, a request was approved. */
export interface ReachedThreshold {
  readonly approvers: readonly string[];
  readonly trustVersion: number;
  /** `decisionsRevision` of what was counted. */
  readonly revision: number;
  /** For a request of the policy `emergency`. */
  readonly emergency?: NewEmergency | undefined;
}

/** Which requests to read. */
export interface RequestsFilter {
  readonly limit: number;
  /** How many to skip. */
  readonly offset?: number;
  /** Only those in one of these states; none means any. */
  readonly states?: readonly RequestState[] | undefined;
  /** Only those made at this time or later. */
  readonly sinceMs?: number | undefined;
}

/** A host and the labels that it was enrolled with. */
export interface EnrolledLabels {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Requests and their states. */
export interface RequestStore {
  create(request: NewRequest): Promise<void>;
  find(id: string): Promise<RequestRecord | undefined>;
  /** As `find`. Throws NOT_FOUND. */
  get(id: string): Promise<RequestRecord>;
  findByDigest(digest: Uint8Array): Promise<RequestRecord | undefined>;
  /** Those that fit, the newest first. */
  newest(filter: RequestsFilter): Promise<readonly RequestRecord[]>;
  /** Those in one of `states`, oldest first. */
  inState(...states: RequestState[]): Promise<readonly RequestRecord[]>;
  /**
   * Moves a request from pending to approved; false if it is not pending, or if a decision came after the
   * ones that were counted.
   */
  markApproved(id: string, approval: ReachedThreshold): Promise<boolean>;
  /** How many there are in each state. */
  countStates(): Promise<readonly { readonly state: RequestState; readonly count: number }[]>;
  /** How many hosts ended in which outcome; hosts without one are in none. */
  outcomes(id: string): Promise<readonly OutcomeCount[]>;
  /** The expected hosts that are enrolled now, with the labels of their enrolment, by name. */
  expectedLabels(id: string): Promise<readonly EnrolledLabels[]>;
  /** The expected hosts by kernel, with up to `examples` names each. */
  kernels(id: string, examples: number): Promise<readonly KernelGroup[]>;
}

/** Well below the 32,766 values that SQLite takes in one statement. */
const HOSTS_PER_INSERT = 1000;

/** The part of the store about requests. */
export function requestStoreOn(database: Database): RequestStore {
  const findWhere = (column: 'id' | 'digest', value: string | Uint8Array) =>
    database.read(async db => {
      const row = await db.selectFrom('requests').selectAll().where(column, '=', value).executeTakeFirst();
      return row && requestOfRow(row);
    });
  return {
    create: request => database.change(change => create(change, request)),
    find: id => findWhere('id', id),
    async get(id) {
      const record = await findWhere('id', id);
      if (!record) throw unknownRequest(id);
      return record;
    },
    findByDigest: digest => findWhere('digest', digest),
    newest: ({ limit, offset = 0, states = [], sinceMs = 0 }) =>
      database.read(async db => {
        let query = db.selectFrom('requests').selectAll().where('created_at_ms', '>=', sinceMs);
        if (states.length > 0) query = query.where('state', 'in', [...states]);
        const rows = query.orderBy('created_at_ms', 'desc').orderBy('id').limit(limit).offset(offset);
        return (await rows.execute()).map(requestOfRow);
      }),
    inState: (...states) =>
      database.read(async db => {
        const query = db.selectFrom('requests').selectAll().where('state', 'in', states);
        return (await query.orderBy('created_at_ms').execute()).map(requestOfRow);
      }),
    markApproved: (id, { approvers, trustVersion, revision, emergency }) =>
      database.change(async change => {
        if ((await storedRevision(change, id)) !== revision) return false;
        if (!(await moveState(change, id, 'enough'))) return false;
        await change.audit({
          kind: 'request-approved',
          actor: 'controller',
          requestId: id,
          detail: { approvers: [...approvers], trust: trustVersion },
        });
        if (emergency) await beginEmergency(change, id, emergency);
        return true;
      }),
    countStates: () =>
      database.read(async db => {
        const query = db
          .selectFrom('requests')
          .select(['state', ({ fn }) => fn.countAll<number>().as('count')]);
        const rows = await query.groupBy('state').orderBy('state').execute();
        return rows.map(({ state, count }) => ({ state, count: Number(count) }));
      }),
    outcomes: id => database.read(db => countOutcomes(db, id)),
    expectedLabels: id => database.read(db => enrolledLabels(db, id)),
    kernels: (id, examples) => database.read(db => countKernels(db, id, examples)),
  };
}

async function enrolledLabels(db: Kysely<Schema>, id: string): Promise<EnrolledLabels[]> {
  const rows = await db
    .selectFrom('expected_hosts')
    .innerJoin('host_keys', 'host_keys.host', 'expected_hosts.host')
    .select(['expected_hosts.host', 'labels'])
    .where('request_id', '=', id)
    .where('ended_at_ms', 'is', null)
    .orderBy('expected_hosts.host')
    .execute();
  return rows.map(({ host, labels }) => ({ host, labels: JSON.parse(labels) }));
}

async function create(change: Change, request: NewRequest): Promise<void> {
  const { id, digest, bytes, hosts, rollout } = request;
  checkWaves(request);
  if (hosts.length === 0) throw new FarcallError('INTERNAL', `request ${id} expects no host`);
  await change.trx
    .insertInto('requests')
    .values({
      id,
      digest,
      bytes,
      token: request.token,
      state: 'pending',
      created_at_ms: request.createdAtMs,
      expires_at_ms: request.expiresAtMs,
      settle_at_ms: request.settleAtMs,
      expected_hosts: hosts.length,
      settled_hosts: 0,
    })
    .execute();
  const seq = await change.audit({
    kind: 'request-created',
    actor: request.requester,
    requestId: id,
    detail: {
      digest: Buffer.from(digest).toString('hex'),
      token: auditDigest(request.token),
      trust: request.trustVersion,
      hosts: hosts.length,
      expected: digestOf(hosts),
      settleAtMs: request.settleAtMs,
      waves: rollout.waves.map(({ hosts: count, slice: { from, to }, watched }) => ({
        ...{ hosts: count, from, to, watched },
      })),
      answerWithinMs: rollout.answerWithinMs,
    },
  });
  await insertRollout(change, id, { ...rollout, seq });
  for (let from = 0; from < hosts.length; from += HOSTS_PER_INSERT) {
    const rows = hosts.slice(from, from + HOSTS_PER_INSERT).map(({ host, kernelRelease, arch, wave }) => ({
      ...{ request_id: id, host, kernel_release: kernelRelease, arch, wave, attempt: 1 },
      ...{ outcome: null, unhealthy: null, changed_seq: seq, result_summary: null },
    }));
    await change.trx.insertInto('expected_hosts').values(rows).execute();
  }
}

/** The waves must hold exactly the hosts that are in them. */
function checkWaves({ id, hosts, rollout: { waves } }: NewRequest): void {
  const counted = waves.map(() => 0);
  for (const { wave } of hosts) counted[wave - 1] = (counted[wave - 1] ?? 0) + 1;
  if (counted.length === waves.length && waves.every((wave, index) => wave.hosts === counted[index])) return;
  throw new FarcallError('INTERNAL', `the waves of request ${id} do not add up`);
}

function digestOf(hosts: readonly ExpectedHost[]): string {
  const list = expectedHostsDigest();
  const byName = [...hosts].sort((one, other) =>
    Buffer.compare(Buffer.from(one.host), Buffer.from(other.host)),
  );
  for (const host of byName) list.add(host);
  return list.digest();
}

/** A request as its row says it. */
export function requestOfRow(row: RequestsTable): RequestRecord {
  let decoded: CallRequest | undefined;
  return {
    id: row.id,
    bytes: row.bytes,
    get request() {
      decoded ??= callRequestCodec.decode(row.bytes);
      return decoded;
    },
    digest: row.digest,
    token: row.token,
    state: row.state,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    settleAtMs: row.settle_at_ms,
    expectedHosts: row.expected_hosts,
  };
}
