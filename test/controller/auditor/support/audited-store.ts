import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { publishAborts, submitAbort } from '../../../../controller/abort/index.ts';
import { submitApproval, withdrawApproval } from '../../../../controller/approval/index.ts';
import { checkpointMaker } from '../../../../controller/audit/index.ts';
import { type AuditFinding, verifyStore } from '../../../../controller/auditor/index.ts';
import { publishOrders } from '../../../../controller/dispatch/index.ts';
import { hostManagement } from '../../../../controller/enrolment/index.ts';
import {
  expireOverdue,
  receiveAbortStatement,
  receiveHello,
  receiveResult,
} from '../../../../controller/gather/index.ts';
import { makePlan } from '../../../../controller/plan/index.ts';
import { advanceRequest } from '../../../../controller/service/index.ts';
import {
  type AuditTable,
  chainHash,
  chainStart,
  EMPTY_SUM,
  type MacTableName,
  movedSum,
  type NewAbortStatement,
  rowMac,
  type StoreLocation,
  tableMac,
} from '../../../../controller/store/index.ts';
import { openTrustRegistry } from '../../../../controller/trust/index.ts';
import {
  type CallResult,
  callResultCodec,
  type OrderEnvelope,
  planEnvelopeCodec,
  resultEnvelopeCodec,
  typedValue,
} from '../../../../shared/messages/index.ts';
import { allHostsSubject, hostSubject } from '../../../../shared/subjects/index.ts';
import { sha256 } from '../../../../shared/tokens/index.ts';
import type { Roots, TrustBundle } from '../../../../shared/trust/index.ts';
import { BUNDLE, HOSTS, type HostIdentity, KEYS, pinnedOf, ROOTS } from '../../../kit/cast.ts';
import {
  abortBy,
  acceptHost,
  act,
  approvalBy,
  approve,
  type ControllerParts,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
  lock,
  requestBy,
  signLabels,
  signRemoval,
  unlock,
  withdrawalBy,
} from '../../../kit/controller-kit.ts';
import { revocationOf } from '../../../kit/decisions.ts';
import { emergency, review } from '../../../kit/emergency-kit.ts';
import { enrolmentOf } from '../../../kit/enrolment-kit.ts';
import { abortStatementOf, helloOf, planOf, resultFor, signStatement } from '../../../kit/host-statements.ts';
import { signedBy } from '../../../kit/keys/trust-kit.ts';
import { STORE_KEY } from '../../../kit/store-kit.ts';

/** A store on the disk with something in every table, which a controller has closed in good order. */
export interface AuditedStore {
  readonly file: string;
  readonly checkpointFile: string;
  /** Ids of requests, by what became of them. */
  readonly requests: {
    readonly finished: string;
    readonly silent: string;
    readonly expired: string;
    readonly pending: string;
  };
}

/** The maker of checkpoints that a controller on `parts` would have. */
export function makerOn(parts: ControllerParts, file?: string) {
  const { audit, checkpoints, witness, leases, trust, holder, clock, log } = parts;
  return checkpointMaker({
    ...{ audit, checkpoints, witness, leases, trust, holder, clock, log, file },
    name: 'ctl-1',
    key: KEYS['ctl-1'],
    everyMs: 10_000,
  });
}

/** Has the controller on `parts` accept `bundle`, with the signatures of two roots. */
export async function publishBundle(parts: ControllerParts, bundle: TrustBundle): Promise<void> {
  const { trustBundles, log } = parts;
  const registry = await openTrustRegistry({ trustBundles, pinned: pinnedOf(), log });
  await registry.publish(signedBy(bundle));
}

/** Has `host` send a signed result for `order`. */
export async function answer(
  parts: ControllerParts,
  host: HostIdentity,
  order: OrderEnvelope,
  overrides: Partial<CallResult> = {},
): Promise<void> {
  const result = callResultCodec.encode(resultFor(host.name, order, overrides));
  const signature = await signStatement(host, { what: 'result', bytes: result, nowMs: parts.clock.nowMs() });
  await receiveResult(parts, { host: host.name, bytes: resultEnvelopeCodec.encode({ result, signature }) });
}

/** Makes {@link AuditedStore} in `folder` by the controller's own code. */
export async function makeAuditedStore(folder: string): Promise<AuditedStore> {
  const file = join(folder, 'farcall.db');
  const checkpointFile = join(folder, 'checkpoints');
  const requests = await tellStory(controllerParts(BUNDLE, file), { checkpointFile });
  return { file, checkpointFile, requests };
}

/** Fills the new store of `parts` with something in every table, and closes it. */
export async function tellStory(
  parts: ControllerParts,
  { checkpointFile, bundle = BUNDLE }: { readonly checkpointFile?: string; readonly bundle?: TrustBundle },
): Promise<AuditedStore['requests']> {
  const maker = await makerOn(parts, checkpointFile);
  await publishBundle(parts, bundle);
  await introduce(parts);
  const { one, two } = HOSTS;
  const tick = async (): Promise<void> => {
    parts.clock.advance(1000);
    await maker.make();
  };
  await tick();

  const finished = await dispatched(parts);
  await tick();
  await signModule(parts, finished);
  await answer(parts, one, finished.order, { outcome: 'timed-out', value: undefined });
  const row = { values: [typedValue({ type: 'int', kind: 'int', integer: '7' })], columns: ['pid'] };
  await answer(parts, two, finished.order, { rows: [row] });
  await tick();
  await answer(parts, one, finished.order);

  const hello = await helloOf(one, parts.clock.nowMs(), { taint: 4096 });
  await receiveHello(parts, { host: one.name, bytes: hello });
  const again = await helloOf(one, parts.clock.nowMs() + 5000, {
    taint: 4096,
    observedAtMs: 1_790_000_009_000,
  });
  await receiveHello(parts, { host: one.name, bytes: again });
  await tick();

  const silent = await dispatched(parts, { ...DRAFT, lifetimeMs: 2000, timeoutMs: 1000 });
  await answer(parts, two, silent.order);
  const expired = await requestBy(parts, 'alice', { ...DRAFT, lifetimeMs: 2000, timeoutMs: 1000 });
  parts.clock.advance(60_000);
  await expireOverdue(parts);

  const planId = await planned(parts);
  const pending = await requestBy(parts, 'alice', { ...DRAFT, planId });
  await approve(parts, 'bob', { id: pending, token: await approvalBy(parts, 'bob', pending) });
  await decideAndStop(parts);
  await decideOnHosts(parts);
  await fillUnloggedTables(parts);
  if (bundle.emergency) await review(parts, 'carol', await emergency(parts));
  await tick();
  await parts.store.close();
  return { finished: finished.id, silent: silent.id, expired, pending };
}

/** Rows that the log does not tell of, but for the hosts' contacts. */
async function fillUnloggedTables(parts: ControllerParts): Promise<void> {
  const { consoles, usedTokens, kernelTypes, logCursors, heartbeats, leases, locks, clock } = parts;
  const nowMs = clock.nowMs();
  const alice = { person: 'alice', kid: KEYS.alice.kid, endsAtMs: nowMs + 3_600_000 };
  const [id, other] = ['a'.repeat(64), 'b'.repeat(64)];
  await consoles.open({ ...alice, id, signInMethod: 'operator-key', usedAtMs: nowMs });
  await consoles.issue({ ...alice, id, kind: 'code' });
  await consoles.issue({ ...alice, id: other, kind: 'challenge', person: '', kid: '' });
  await usedTokens.use({ signer: 'alice', jti: 'used once', issuedAtS: Math.floor(nowMs / 1000) }, 0);
  const packed = Buffer.from('packed types');
  const build = { release: '6.12', version: '#1 SMP', arch: 'x86_64' };
  await kernelTypes.keep({ ...build, digest: sha256(packed), packed, functions: 1, host: HOSTS.one.name });
  await logCursors.cursorOf('chat', 'end');
  await leases.acquire({ name: 'webhooks', holder: 'ctl 1', ttlMs: 60_000 });
  await locks.rememberLogin('ctl-1', 'UCTL');
  const journal = { incarnation: 'one', sequence: 7, head: Buffer.alloc(32, 7), observedAtMs: nowMs };
  await parts.hostJournals.admit({ host: HOSTS.one.name, kid: HOSTS.one.key.kid, ...journal });
  await parts.hostJournals.advance([{ host: HOSTS.one.name, ...journal, sequence: 8 }]);
  await heartbeats.keep(
    Object.values(HOSTS).map(({ name: host }) => ({
      ...{ host, bootId: 'boot', taint: 0, oops: undefined, oopsAtMs: undefined, waitingResults: 0 },
      ...{ observedAtMs: nowMs, receivedAtMs: nowMs },
      ...{ trustVersion: 3, trustConfirmedAtMs: nowMs, newerTrustVersion: undefined },
    })),
  );
}

/** A plan of {@link DRAFT} that one host of two answered. */
export async function planned(parts: ControllerParts): Promise<string> {
  const { program, selector, effect, policy, timeoutMs } = DRAFT;
  const draft = { program, selector, effect, policy, timeoutMs, perKernel: 2, hosts: [], waitMs: 100 };
  const asking = { requester: 'alice', signal: new AbortController().signal };
  for await (const { plan, answered } of makePlan(parts, draft, asking)) {
    if (plan) return plan.id;
    if (answered > 0) continue;
    const { subject, bytes } = parts.bus.published.at(-1)!;
    const host = Object.values(HOSTS).find(({ name }) => subject.includes(name))!;
    const reply = await planOf(host, planEnvelopeCodec.decode(bytes).query, parts.clock.nowMs());
    const message = { subject: hostSubject(host.name, 'plan'), bytes: reply, replyTo: undefined };
    await parts.bus.deliver(allHostsSubject('plan'), message);
  }
  throw new Error('there is no plan');
}

/** A module that was signed for the first host, and what it said of its kernel. */
async function signModule(
  { moduleSigning }: ControllerParts,
  { id, order }: { readonly id: string; readonly order: OrderEnvelope },
): Promise<void> {
  const host = HOSTS.one.name;
  const facts = new Map([
    ['symbol _stext', '_stext T +0'],
    ['abi', 'x86_64 6.12 - -'],
  ]);
  await moduleSigning.agree({ build: 'x86_64 6.12 0badc0de', host, facts });
  const { orderId } = resultFor(host, order);
  const digests = { image: 'ab'.repeat(32), facts: 'cd'.repeat(32) };
  const signed = { requestId: id, host, attempt: 1, orderId, ...digests, keyId: '00aa' };
  await moduleSigning.add({ ...signed, signature: Buffer.from('a signature') });
}

/**
 * A person is locked for a while, a host that went back goes on, an enrolment is revoked, and a removal is
 * proposed.
 */
async function decideOnHosts(parts: ControllerParts): Promise<void> {
  const { two, other } = HOSTS;
  const nowMs = parts.clock.nowMs();
  const carol = { kind: 'person', name: 'carol' } as const;
  await lock(parts, 'bob', carol);
  await unlock(parts, 'bob', carol);
  const said = { host: two.name, kid: two.key.kid, head: Buffer.alloc(32, 7) };
  await parts.hostJournals.admit({ ...said, incarnation: 'one', sequence: 7, observedAtMs: nowMs });
  await parts.hostJournals.admit({ ...said, incarnation: 'two', sequence: 1, observedAtMs: nowMs + 1 });
  await acceptHost(parts, 'bob', two.name);
  const { submission } = await enrolmentOf('bob', { host: 'never', nowMs });
  const { id } = await hostManagement(parts).create(submission, 'bob');
  const token = await revocationOf('carol', { nowMs, enrolment: id, host: 'never' });
  await hostManagement(parts).revoke({ id, token }, 'carol');
  await signRemoval(parts, 'bob', other.name);
  await signLabels(parts, 'bob', other.name);
}

/**
 * A request that is rejected, taken up again, ordered and stopped; and one that is stopped before it is
 * ordered.
 */
async function decideAndStop(parts: ControllerParts): Promise<void> {
  const id = await requestBy(parts, 'alice', DRAFT);
  const submit = (token: string, submittedBy: string) =>
    submitApproval(parts, { requestId: id, token, submittedBy });
  const stop = async (requestId: string, by: 'alice' | 'bob'): Promise<void> =>
    submitAbort(parts, { requestId, token: await abortBy(parts, by, requestId), submittedBy: by });
  const rejection = await approvalBy(parts, 'carol', id, { decision: 'reject' });
  await submit(rejection, 'carol');
  const withdrawal = await withdrawalBy(parts, 'carol', { id, token: rejection });
  await withdrawApproval(parts, { requestId: id, token: withdrawal, submittedBy: 'carol' });
  parts.clock.advance(1000);
  for (const person of ['bob', 'carol'] as const) await submit(await approvalBy(parts, person, id), person);
  await advanceRequest(parts, id);
  await publishOrders(parts);
  await act(parts, 'bob', { id, action: 'pause' });
  await stop(id, 'alice');
  await publishAborts(parts);
  const requestDigest = (await parts.requests.get(id)).digest;
  const progress = 'not-begun';
  const bytes = await abortStatementOf(HOSTS.one, parts.clock.nowMs(), { requestDigest, progress });
  const deps = obeying(parts);
  await receiveAbortStatement(deps, { host: HOSTS.one.name, bytes });
  await Promise.all(deps.stored);
  await stop(await requestBy(parts, 'alice', DRAFT), 'bob');
}

/** As the parts, but what hosts say about aborts is stored at once. */
export function obeying(parts: ControllerParts) {
  const stored: Promise<void>[] = [];
  const abortStatements = { take: (each: NewAbortStatement) => void stored.push(parts.aborts.obey([each])) };
  return { ...parts, abortStatements, stored };
}

/** A folder of its own, removed after the test. */
export function auditFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** All that is wrong with the store in `file`, as `kind table key: problem`. */
export function findingsIn(
  file: string,
  checkpointFiles: readonly string[] = [],
  roots: Roots = ROOTS,
  witnessFiles: readonly string[] = [],
): Promise<string[]> {
  return findingsAt({ sqlite: file }, checkpointFiles, roots, witnessFiles);
}

/** The same of a store of any engine. */
export async function findingsAt(
  store: StoreLocation,
  checkpointFiles: readonly string[] = [],
  roots: Roots = ROOTS,
  witnessFiles: readonly string[] = [],
): Promise<string[]> {
  const findings: AuditFinding[] = [];
  await verifyStore({
    store,
    roots: pinnedOf(roots),
    checkpointFiles,
    witnessFiles,
    storeKey: STORE_KEY,
    report: finding => void findings.push(finding),
  });
  return findings.map(({ kind, table, key, problem }) => `${kind} ${table} ${key}: ${problem}`);
}

/**
 * The findings of {@link findingsIn} about what happened and in which turn, for stores whose signatures are
 * made up.
 */
export function storyFindingsIn(file: string): Promise<string[]> {
  return storyFindingsAt({ sqlite: file });
}

/** The same of a store of any engine. */
export async function storyFindingsAt(store: StoreLocation): Promise<string[]> {
  const findings = await findingsAt(store);
  return findings.filter(finding => /^(structure|chain|entry|state|missing|unbacked|digest) /.test(finding));
}

/**
 * A copy of the store in `file`, after `statements`, with triggers and foreign keys out of the way meanwhile.
 */
export function tampered(file: string, statements: string | ((database: DatabaseSync) => void)): string {
  const copy = join(auditFolder(), 'farcall.db');
  copyFileSync(file, copy);
  const database = new DatabaseSync(copy, { enableForeignKeyConstraints: false });
  const triggers = database.prepare("select name, sql from sqlite_schema where type = 'trigger'").all();
  for (const { name } of triggers) database.exec(`drop trigger ${name}`);
  database.exec('pragma ignore_check_constraints = on');
  if (typeof statements === 'string') database.exec(statements);
  else statements(database);
  for (const { sql } of triggers) database.exec(String(sql));
  database.close();
  return copy;
}

/** Recomputes the whole hash chain, as somebody would who knows how it is made. */
export function rechain(database: Pick<DatabaseSync, 'prepare'>): void {
  const id = String(database.prepare('select id from store_identity').get()?.['id']);
  let hash = chainStart(id);
  for (const row of database.prepare('select * from audit order by seq').all()) {
    hash = chainHash(hash, row as unknown as AuditTable);
    database.prepare('update audit set hash = ? where seq = ?').run(hash, Number(row['seq']));
  }
}

/** Makes the MACs of a table again, as somebody can who has the store key. */
export function macAgain(database: Pick<DatabaseSync, 'prepare'>, table: MacTableName): void {
  const macs: Uint8Array[] = [];
  for (const row of database.prepare(`select rowid as place, * from ${table}`).all()) {
    const { place, mac: _mac, ...columns } = row;
    const mac = rowMac(STORE_KEY, table, columns);
    database.prepare(`update ${table} set mac = ? where rowid = ?`).run(mac, Number(place));
    macs.push(mac);
  }
  const after = {
    name: table,
    row_count: macs.length,
    sum: movedSum(EMPTY_SUM, { added: macs, removed: [] }),
  };
  const update = database.prepare('update table_macs set row_count = ?, sum = ?, mac = ? where name = ?');
  update.run(after.row_count, after.sum, tableMac(STORE_KEY, after), table);
}
