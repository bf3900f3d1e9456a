import { z } from 'zod';
import { ROLLOUT_STATES } from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';

/** A SHA-256 in an entry of the audit log: hex. */
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex');
const count = z.int().min(0);
const text = z.string().max(1024);
/** Version of the trust bundle by which something was decided. */
const trust = z.int().min(1);
const outcome = z.enum(OUTCOME_NAMES);
const counts = z.partialRecord(outcome, count);
const decided = z.strictObject({ submittedBy: text, token: digest, trust });
const wave = z.int().min(1);
/** Names of hosts; an entry about many hosts is one entry for each HOSTS_PER_ENTRY of them. */
const hosts = z.array(text).min(1);
/** What a person did with a rollout: why, and at which wave it was. */
const act = { reason: text, wave: count };
const withdrawn = z.strictObject({ submittedBy: text, token: digest, withdrawal: digest, trust });

/**
 * Everything that the audit log can say, and about what. An entry carries the digests of the signed things
 * that it is about, so that the hash chain holds their rows too: a row that was edited, swapped or removed
 * does not fit its entry. A new kind needs its place in `controller/auditor/replay/replay-kinds.ts`, where it
 * is said what must follow from it.
 */
export const AUDIT_KINDS = {
  /** A host said its first hello: digests of its facts and of its token over them. */
  'host-registered': {
    about: ['host'],
    detail: z.strictObject({ kid: text, facts: digest, signature: digest }),
  },
  /** It said other facts than before. */
  'host-facts': {
    about: ['host'],
    detail: z.strictObject({ kid: text, facts: digest, signature: digest }),
  },
  /**
   * Somebody may become this host: digest of the secret, labels as JSON, whether it may be a host already.
   */
  'enrolment-made': {
    about: ['host'],
    detail: z.strictObject({
      enrolment: text,
      secret: digest,
      labels: z.string().max(65_536),
      replace: z.boolean(),
      expiresAtMs: count,
    }),
  },
  'enrolment-revoked': { about: ['host'], detail: z.strictObject({ enrolment: text }) },
  /** Somebody became it: the keys that count for it from here on, and the one that does not any more. */
  'host-enrolled': {
    about: ['host'],
    detail: z.strictObject({ enrolment: text, kid: text, nkey: text, replacedKid: text.optional() }),
  },
  'host-removed': { about: ['host'], detail: z.strictObject({ kid: text, nkey: text }) },
  /**
   * A newer trust bundle counts from here on: digest of its bytes, and those of its own roots who signed it.
   */
  'trust-accepted': {
    about: [],
    detail: z.strictObject({ version: trust, digest, signers: z.array(text).max(32) }),
  },
  /** Somebody signed in at the console: by which key, and how. */
  'console-signed-in': { about: [], detail: z.strictObject({ kid: text, way: text }) },
  /**
   * Hosts were asked what a program would do: digest of the plan, how many hosts it is about, how many
   * answered.
   */
  'plan-made': { about: [], detail: z.strictObject({ plan: text, digest, hosts: count, answered: count }) },
  /**
   * Digest of the request's bytes; number and digest (see `expectedHostsDigest`) of the hosts that it
   * expects.
   */
  'request-created': {
    about: ['request'],
    detail: z.strictObject({
      ...{ digest, hosts: count, expected: digest, settleAtMs: count },
      waves: z.array(z.strictObject({ hosts: count, from: count, to: count, watched: z.boolean() })).min(1),
      answerWithinMs: count,
    }),
  },
  /**
   * One more host is expected from here on: it came later, and the request takes late joiners; or it
   * `answers` to the order, which its facts let it take by then, and was enrolled before.
   */
  'host-joined': {
    about: ['request', 'host'],
    detail: z.strictObject({ kernelRelease: text, arch: text, wave, answers: z.literal(true).optional() }),
  },
  /** Somebody decided: digest of the token. */
  'approval-added': { about: ['request'], detail: decided },
  'rejection-added': { about: ['request'], detail: decided },
  /** He took it back: digests of what is withdrawn, and of the token that does it. */
  'approval-withdrawn': { about: ['request'], detail: withdrawn },
  'rejection-withdrawn': { about: ['request'], detail: withdrawn },
  /** What a rejection, or taking something back, did to the request. */
  'request-rejected': { about: ['request'], detail: z.strictObject({}) },
  'request-reopened': { about: ['request'], detail: z.strictObject({}) },
  'request-approved': {
    about: ['request'],
    detail: z.strictObject({ approvers: z.array(text).max(4096), trust }),
  },
  'order-made': {
    about: ['request'],
    detail: z.strictObject({ order: text, attempt: count, wave, envelope: digest, trust }),
  },
  'order-published': { about: ['request'], detail: z.strictObject({ order: text }) },
  /** A host's own word on its outcome: digests of its result and of its token over it. */
  'host-settled': {
    about: ['request', 'host'],
    detail: z.strictObject({ outcome, attempt: count, result: digest, signature: digest }),
  },
  /** The controller's word about a host that said nothing. */
  'host-given-up': { about: ['request', 'host'], detail: z.strictObject({ outcome }) },
  'late-result': {
    about: ['request', 'host'],
    detail: z.strictObject({ outcome, attempt: count, result: digest, signature: digest }),
  },
  'request-finished': { about: ['request'], detail: counts },
  'request-expired': { about: ['request'], detail: counts },
  /** Somebody stopped it: digest of the envelope that hosts get. */
  'abort-made': {
    about: ['request'],
    detail: z.strictObject({ submittedBy: text, envelope: digest, trust }),
  },
  'abort-published': { about: ['request'], detail: z.strictObject({}) },
  'request-aborted': { about: ['request'], detail: counts },
  /** From here on this controller, and no other, drives the rollout of the request. */
  'lease-taken': {
    about: ['request'],
    detail: z.strictObject({ lease: text, holder: text, epoch: z.int().min(1) }),
  },
  /** The wave is ordered: its order is made in the same change. */
  'wave-started': { about: ['request'], detail: z.strictObject({ wave }) },
  /** The wave has nobody who owes an answer. */
  'wave-passed-over': { about: ['request'], detail: z.strictObject({ wave }) },
  /** Every host of the wave has an outcome; it is watched until then. */
  'wave-answered': { about: ['request'], detail: z.strictObject({ wave, bakeUntilMs: count }) },
  /** What the gate said about the wave, and how it goes on. */
  'wave-ended': {
    about: ['request'],
    detail: z.strictObject({
      ...{ wave, verdict: z.enum(['passed', 'failed']), outcomes: counts, failed: count, unhealthy: count },
      state: z.enum(ROLLOUT_STATES),
    }),
  },
  /** These hosts were silent until the time to answer was over. */
  'hosts-unreachable': { about: ['request'], detail: z.strictObject({ wave, hosts }) },
  /** These hosts were unwell after their wave, and why. */
  'hosts-unhealthy': {
    about: ['request'],
    detail: z.strictObject({ wave, hosts: z.array(z.tuple([text, text])).min(1) }),
  },
  'rollout-stopped': { about: ['request'], detail: z.strictObject(act) },
  'rollout-done': { about: ['request'], detail: z.strictObject({}) },
  'rollout-paused': { about: ['request'], detail: z.strictObject(act) },
  /** In which state it goes on, and how much later hosts may answer for the time that was lost. */
  'rollout-resumed': {
    about: ['request'],
    detail: z.strictObject({ ...act, state: z.enum(ROLLOUT_STATES), laterMs: count }),
  },
  'rollout-promoted': { about: ['request'], detail: z.strictObject(act) },
  /** Hosts with these outcomes are to try again. */
  'rollout-retried': {
    about: ['request'],
    detail: z.strictObject({ ...act, attempt: count, only: z.array(outcome).min(1), hosts: count }),
  },
  'hosts-retried': { about: ['request'], detail: z.strictObject({ wave, attempt: count, hosts }) },
  /**
   * The controller signed a module for a host's order: digests of the unsigned module, of the facts that it
   * was compiled from, and of the signature.
   */
  'module-signed': {
    about: ['request', 'host'],
    detail: z.strictObject({
      order: text,
      attempt: count,
      image: digest,
      facts: digest,
      key: text,
      signature: digest,
    }),
  },
  /** A host said something of a build of a kernel that nobody had said before: digest of the lines. */
  'kernel-facts': {
    about: ['host'],
    detail: z.strictObject({ build: text, facts: digest, lines: count }),
  },
  /** Somebody holds a signed checkpoint that this log contradicts: entries were lost or rewritten. */
  'checkpoint-conflict': {
    about: [],
    detail: z.strictObject({ holder: text, seq: count, problem: text, checkpoint: digest }),
  },
} as const satisfies Record<string, AuditKindEntry>;

interface AuditKindEntry {
  /** Which columns an entry of this kind fills. */
  readonly about: readonly ('request' | 'host')[];
  readonly detail: z.ZodType;
}

/** Most hosts that one entry names. */
export const HOSTS_PER_ENTRY = 500;

/** What happened, as the audit log keeps it. */
export type AuditKind = keyof typeof AUDIT_KINDS;

/** What an entry of one kind says beside who, when and about whom. */
export type AuditDetail<K extends AuditKind> = z.infer<(typeof AUDIT_KINDS)[K]['detail']>;

/** An entry of one kind, said by the code that makes the change. */
export interface AuditEntryOf<K extends AuditKind> {
  readonly kind: K;
  /** Who caused it: a person, a host, or `controller`. */
  readonly actor: string;
  readonly requestId?: string;
  readonly host?: string;
  readonly detail: AuditDetail<K>;
}

/** One change of state, said by the code that makes it. */
export type AuditEntry = { [K in AuditKind]: AuditEntryOf<K> }[AuditKind];

/** Whether `kind` is one of ours. */
export function isAuditKind(kind: string): kind is AuditKind {
  return Object.hasOwn(AUDIT_KINDS, kind);
}
