import type { Clock } from '../../../shared/clock/index.ts';
import { digestText, type SigningKey, signToken, TOKEN_KINDS } from '../../../shared/tokens/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import type { Logger } from '../../log/index.ts';
import {
  type AuditHead,
  type AuditStore,
  auditDigest,
  type CheckpointStore,
  type HeldLease,
  holdLease,
  type LeaseStore,
} from '../../store/index.ts';
import type { TrustSource } from '../../trust/index.ts';
import { appendToken, lastTokenIn } from '../token-files/index.ts';
import type { CheckpointWitness } from './checkpoint-witness.ts';
import { readCheckpoint } from './read-checkpoint.ts';

/** The stores and services that {@link checkpointMaker} uses. */
export interface MakerDeps {
  readonly audit: AuditStore;
  readonly checkpoints: CheckpointStore;
  readonly witness: CheckpointWitness;
  readonly leases: LeaseStore;
  /** Names this run of this controller among those on the store. */
  readonly holder: string;
  readonly trust: TrustSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** The controller's name and key. */
  readonly name: string;
  readonly key: SigningKey;
  /** A file in which checkpoints are kept as well; best on another machine's disk. */
  readonly file: string | undefined;
  /** The longest time that an entry waits for its checkpoint, in milliseconds. */
  readonly everyMs: number;
}

/** Name of the lease: of several controllers on one store, its holder makes the checkpoints. */
const LEASE = 'checkpoints';
const LEASE_MS = 5000;

/** Signs the head of the audit log, now and then, if there are new entries. */
export interface CheckpointMaker {
  /** Token of the newest checkpoint, for hosts to keep; undefined before there is any. */
  newest(): string | undefined;
  /** Makes one if enough time has passed, or enough entries were added, since the last. */
  makeIfDue(): Promise<void>;
  /** Makes one if there is any new entry. */
  make(): Promise<void>;
}

/** So many new entries get a checkpoint at once. */
const ENTRIES = 1000;
/**
 * More uncovered entries than this are suspicious: a controller that stopped in good order leaves none, and
 * one that died leaves those of a few seconds.
 */
const UNCOVERED_LIMIT = 10_000;

/**
 * Opens the maker of checkpoints for a store. Before it signs anything, it compares the log with the last
 * checkpoints in the store and in the file. A contradiction is logged and becomes an entry of the log, which
 * the next checkpoint then covers.
 */
export async function checkpointMaker(deps: MakerDeps): Promise<CheckpointMaker> {
  const { audit, checkpoints, clock, log } = deps;
  await noteConflicts(deps);
  const storeId = await checkpoints.storeId();
  let newest: string | undefined;
  let covered: AuditHead = { seq: 0, hash: new Uint8Array() };
  let madeAtMs = 0;

  const makeFor = async (head: AuditHead): Promise<void> => {
    await noteRewriting(deps, covered);
    const token = await sign(deps, { storeId, head });
    await checkpoints.add({ seq: head.seq, token });
    newest = token;
    covered = head;
    madeAtMs = clock.nowMs();
    keepInFile(deps, token);
    log.debug({ seq: head.seq }, 'checkpoint made');
  };
  const make = async (): Promise<void> => {
    const head = await audit.head();
    if (head.seq !== covered.seq && head.seq > 0) await makeFor(head);
  };
  /**
   * A checkpoint by another controller needs no second signature; this controller passes it to its hosts and
   * writes it to its file.
   */
  const adopt = async (): Promise<void> => {
    const signed = await newerCheckpoint(deps, covered.seq);
    if (!signed) return;
    covered = signed.head;
    newest = signed.token;
    madeAtMs = clock.nowMs();
    keepInFile(deps, signed.token);
  };
  const isDue = async (): Promise<boolean> => {
    const { seq } = await audit.head();
    return seq !== covered.seq && (clock.nowMs() - madeAtMs >= deps.everyMs || seq - covered.seq >= ENTRIES);
  };
  const isMine = exclusively(deps);
  await make();
  return {
    newest: () => newest,
    make,
    async makeIfDue() {
      await adopt();
      if ((await isDue()) && (await isMine())) await make();
    },
  };
}

/** Whether this controller holds the lease; it takes the lease if no controller holds it. */
function exclusively({ leases, holder }: MakerDeps): () => Promise<boolean> {
  let held: HeldLease | undefined;
  return async () => {
    held = await holdLease(leases, { name: LEASE, holder, ttlMs: LEASE_MS }, held);
    return held !== undefined;
  };
}

/**
 * The newest checkpoint in the store, if it is for an entry after `seq`.
 *
 * Threat: anyone who can write to the store leaves something there that looks like a checkpoint far ahead, so
 * that no more are made. Unless a controller of the trust bundle signed it, it is ignored.
 */
async function newerCheckpoint(
  { checkpoints, trust }: MakerDeps,
  seq: number,
): Promise<{ readonly head: AuditHead; readonly token: string } | undefined> {
  const stored = await checkpoints.newest();
  if (!stored || stored.seq <= seq) return undefined;
  try {
    const claims = await readCheckpoint(stored.token, {
      site: trust.site,
      keyring: keyringOf(trust.current().controllers),
    });
    const head = { seq: claims.seq, hash: Buffer.from(claims.hash, 'base64url') };
    return claims.seq > seq ? { head, token: stored.token } : undefined;
  } catch {
    return undefined;
  }
}

async function sign(
  { name, key, trust, clock }: MakerDeps,
  { storeId, head }: { readonly storeId: string; readonly head: AuditHead },
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = iat + TOKEN_KINDS.checkpoint.maxAgeS;
  const hash = digestText(head.hash);
  return signToken(
    'checkpoint',
    { iss: name, site: trust.site, iat, exp, store: storeId, seq: head.seq, hash },
    key,
  );
}

/** If the file cannot be written, work goes on: the hosts hold checkpoints too. */
function keepInFile({ file, log }: MakerDeps, token: string): void {
  if (file === undefined) return;
  try {
    appendToken(file, token);
  } catch (err) {
    log.error({ file, err }, 'the checkpoint cannot be written to its file');
  }
}

async function noteConflicts(deps: MakerDeps): Promise<void> {
  const { audit, checkpoints, witness, file, log } = deps;
  const stored = await checkpoints.newest();
  const inFile = file === undefined ? undefined : lastTokenIn(file);
  const held = [
    ['the store', stored?.token],
    ['the checkpoint file', inFile],
  ] as const;
  for (const [holder, token] of held) {
    const conflict = token === undefined ? undefined : await witness.conflictOf(token, holder);
    if (!conflict) continue;
    const { seq, problem } = conflict;
    const detail = { holder, seq, problem, checkpoint: auditDigest(conflict.token) };
    await audit.note({ kind: 'checkpoint-conflict', actor: 'controller', detail });
  }
  const { seq } = await audit.head();
  const uncovered = seq - (stored?.seq ?? 0);
  if (stored ? uncovered <= UNCOVERED_LIMIT : seq === 0) return;
  const problem = `no checkpoint vouched for the last ${uncovered} entries when the controller started`;
  log.error({ uncovered }, problem);
  const detail = { holder: 'the store', seq, problem, checkpoint: auditDigest(stored?.token ?? '') };
  await audit.note({ kind: 'checkpoint-conflict', actor: 'controller', detail });
}

/**
 * Threat: somebody rewrites the database while the controller runs, and the controller then signs a log that
 * it did not write.
 */
async function noteRewriting({ audit, log }: MakerDeps, covered: AuditHead): Promise<void> {
  if (covered.seq === 0) return;
  const now = await audit.hashAt(covered.seq);
  if (now && Buffer.compare(now, covered.hash) === 0) return;
  const problem = `entry ${covered.seq} is not the one that was signed before: the log was changed while in use`;
  log.error({ seq: covered.seq }, problem);
  const detail = {
    holder: 'the controller',
    seq: covered.seq,
    problem,
    checkpoint: auditDigest(covered.hash),
  };
  await audit.note({ kind: 'checkpoint-conflict', actor: 'controller', detail });
}
