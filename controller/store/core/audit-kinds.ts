import { z } from 'zod';
import {
  ABORTED_PROGRESS,
  HOLD_REASONS,
  LOCK_KINDS,
  ROLLOUT_STATES,
} from '../../../shared/messages/index.ts';
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
/** A person's action on a rollout: the reason, the wave at which it came, and the digest of the token. */
const action = decided.extend({ reason: text, wave: count });
const withdrawn = z.strictObject({ submittedBy: text, token: digest, withdrawal: digest, trust });

/**
 * Every kind of entry that the audit log can hold. An entry carries the digests of the signed things that it
 * is about, so the hash chain protects their rows too: a row that was edited, swapped or removed does not fit
 * its entry. A new kind also needs its replay in `controller/auditor/replay/replay-kinds.ts`.
 */
export const AUDIT_KINDS = {
  /** A host said its first hello: digests of its facts and of its token over them. */
  'host-registered': {
    about: ['host'],
    detail: z.strictObject({ kid: text, facts: digest, signature: digest }),
  },
  /** It reported other facts than before: also the names of those that changed. */
  'host-facts': {
    about: ['host'],
    detail: z.strictObject({ kid: text, facts: digest, signature: digest, changed: z.array(text).max(64) }),
  },
  /**
   * Somebody may become this host: the id of the key of the token, labels as JSON, whether it may be a host
   * already, and the digest of the approver's token.
   */
  'enrolment-made': {
    about: ['host'],
    detail: decided.extend({
      enrolment: text,
      key: text,
      labels: z.string().max(65_536),
      expiresAtMs: count,
    }),
  },
  'enrolment-revoked': { about: ['host'], detail: decided.extend({ enrolment: text }) },
  /** Somebody became it: the keys that are valid for it from now on. */
  'host-enrolled': {
    about: ['host'],
    detail: z.strictObject({ enrolment: text, kid: text, nkey: text }),
  },
  /**
   * A host, person or controller is locked from now on: with the ids of the keys that do not count, and the
   * whole token, by which controllers know the lock if its row is lost.
   */
  'lock-set': {
    about: [],
    detail: decided.extend({
      what: z.enum(LOCK_KINDS),
      name: text,
      kids: z.array(text).max(64),
      reason: text,
      signed: z.string().max(4096),
    }),
  },
  'lock-ended': {
    about: [],
    detail: decided.extend({ what: z.enum(LOCK_KINDS), name: text, reason: text }),
  },
  /** Somebody signed for the removal of a host, as it is enrolled with this key: digest of the token. */
  'host-removal-signed': {
    about: ['host'],
    detail: decided.extend({ enrolment: text, kid: text }),
  },
  /** It is a host no more: the people by whose signatures, with the digests of their tokens. */
  'host-removed': {
    about: ['host'],
    detail: z.strictObject({
      ...{ enrolment: text, kid: text, nkey: text, trust },
      by: z
        .array(z.strictObject({ signer: text, token: digest }))
        .min(1)
        .max(64),
    }),
  },
  /** Somebody signed for other labels of a host, as JSON: the next change, which would be this one. */
  'host-labels-signed': {
    about: ['host'],
    detail: decided.extend({ enrolment: text, kid: text, number: count, labels: text }),
  },
  /** It has these labels from now on: the people by whose signatures, with the digests of their tokens. */
  'host-labelled': {
    about: ['host'],
    detail: z.strictObject({
      ...{ enrolment: text, kid: text, number: count, labels: text, trust },
      by: z
        .array(z.strictObject({ signer: text, token: digest }))
        .min(1)
        .max(64),
    }),
  },
  /**
   * A host gets no orders from now on, because of its journal: the sequence that was known, and the one that
   * the host reported.
   */
  'host-held': {
    about: ['host'],
    detail: z.strictObject({ kid: text, why: z.enum(HOLD_REASONS), known: count, reported: count }),
  },
  /** A person let it go on. */
  'host-accepted': { about: ['host'], detail: decided.extend({ kid: text, heldMs: count, reason: text }) },
  /**
   * A newer trust bundle is valid from now on: digest of its bytes, and the roots of its own that signed it.
   */
  'trust-accepted': {
    about: [],
    detail: z.strictObject({ version: trust, digest, signers: z.array(text).max(32) }),
  },
  /** Somebody signed in at the console: by which key, and how. */
  'console-signed-in': { about: [], detail: z.strictObject({ kid: text, signInMethod: text }) },
  /**
   * Hosts were asked what a program would do: digest of the plan, how many hosts it is about, how many
   * answered.
   */
  'plan-made': { about: [], detail: z.strictObject({ plan: text, digest, hosts: count, answered: count }) },
  /**
   * Digests of the request's bytes and of its requester's token; number and digest (see
   * `expectedHostsDigest`) of the hosts that it expects.
   */
  'request-created': {
    about: ['request'],
    detail: z.strictObject({
      ...{ digest, token: digest, trust, hosts: count, expected: digest, settleAtMs: count },
      waves: z.array(z.strictObject({ hosts: count, from: count, to: count, watched: z.boolean() })).min(1),
      answerWithinMs: count,
    }),
  },
  /**
   * One more host is expected from now on: it joined late and the request takes late joiners; or it `answers`
   * the order, which it was enrolled early enough for, and which its facts fit by then.
   */
  'host-joined': {
    about: ['request', 'host'],
    detail: z.strictObject({ kernelRelease: text, arch: text, wave, answers: z.literal(true).optional() }),
  },
  /** Somebody decided: digest of the token. */
  'approval-added': { about: ['request'], detail: decided },
  'rejection-added': { about: ['request'], detail: decided },
  /** The person withdrew it: digests of the withdrawn token and of the withdrawal. */
  'approval-withdrawn': { about: ['request'], detail: withdrawn },
  'rejection-withdrawn': { about: ['request'], detail: withdrawn },
  /** The effect of a rejection or a withdrawal on the request. */
  'request-rejected': { about: ['request'], detail: z.strictObject({}) },
  'request-reopened': { about: ['request'], detail: z.strictObject({}) },
  'request-approved': {
    about: ['request'],
    detail: z.strictObject({ approvers: z.array(text).max(4096), trust }),
  },
  /** A request of the policy `emergency` was approved: until when how many people must review it. */
  'emergency-begun': {
    about: ['request'],
    detail: z.strictObject({ dueAtMs: count, reviewers: z.int().min(1) }),
  },
  /** Somebody who was not in the emergency reviewed it; with `enough`, no more reviews are needed. */
  'emergency-reviewed': {
    about: ['request'],
    detail: decided.extend({ verdict: z.enum(['accept', 'object']), enough: z.boolean() }),
  },
  /** Too few people reviewed it in time. */
  'emergency-overdue': { about: ['request'], detail: z.strictObject({}) },
  'order-made': {
    about: ['request'],
    detail: z.strictObject({ order: text, attempt: count, wave, envelope: digest, trust }),
  },
  'order-published': { about: ['request'], detail: z.strictObject({ order: text }) },
  /** A host's own result: digests of the result and of its signature. */
  'host-answered': {
    about: ['request', 'host'],
    detail: z.strictObject({ outcome, attempt: count, result: digest, signature: digest }),
  },
  /** The controller gave an outcome to a host of this wave that sent nothing. */
  'host-given-up': { about: ['request', 'host'], detail: z.strictObject({ wave, outcome }) },
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
  /** A host says that it obeys the abort: how far it had come, and digests of its statement and signature. */
  'abort-obeyed': {
    about: ['request', 'host'],
    detail: z.strictObject({ progress: z.enum(ABORTED_PROGRESS), statement: digest, signature: digest }),
  },
  'request-aborted': { about: ['request'], detail: counts },
  /** From now on this controller, and no other, drives the rollout of the request. */
  'lease-taken': {
    about: ['request'],
    detail: z.strictObject({ lease: text, holder: text, epoch: z.int().min(1) }),
  },
  /** The wave is ordered: its order is made in the same change. */
  'wave-started': { about: ['request'], detail: z.strictObject({ wave }) },
  /** No host of the wave owes an answer. */
  'wave-passed-over': { about: ['request'], detail: z.strictObject({ wave }) },
  /** Every host of the wave has an outcome; it is watched until then. */
  'wave-answered': { about: ['request'], detail: z.strictObject({ wave, bakeUntilMs: count }) },
  /** The gate's verdict on the wave, and the rollout's next state. */
  'wave-ended': {
    about: ['request'],
    detail: z.strictObject({
      ...{ wave, verdict: z.enum(['passed', 'failed']), outcomes: counts, failed: count, unhealthy: count },
      state: z.enum(ROLLOUT_STATES),
    }),
  },
  /** These hosts were silent until the time to answer was over. */
  'hosts-unreachable': { about: ['request'], detail: z.strictObject({ wave, hosts }) },
  /** These hosts were unhealthy after their wave, and why. */
  'hosts-unhealthy': {
    about: ['request'],
    detail: z.strictObject({ wave, hosts: z.array(z.tuple([text, text])).min(1) }),
  },
  'rollout-stopped': { about: ['request'], detail: z.strictObject({ reason: text, wave: count }) },
  'rollout-done': { about: ['request'], detail: z.strictObject({}) },
  'rollout-paused': { about: ['request'], detail: action },
  /**
   * The state in which it goes on, and how much longer hosts may take to answer for the time that was lost.
   */
  'rollout-resumed': {
    about: ['request'],
    detail: action.extend({ state: z.enum(ROLLOUT_STATES), laterMs: count }),
  },
  'rollout-promoted': { about: ['request'], detail: action },
  /** Hosts with these outcomes are to try again. */
  'rollout-retried': {
    about: ['request'],
    detail: action.extend({ attempt: count, only: z.array(outcome).min(1), hosts: count }),
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
  /** A host reported facts about a kernel build that no host had reported before: digest of the lines. */
  'kernel-facts': {
    about: ['host'],
    detail: z.strictObject({ build: text, facts: digest, lines: count }),
  },
  /**
   * A person has verified the log up to the entry `seq`, which has this hash, and signed that: their
   * statement, compact.
   */
  'log-witnessed': {
    about: [],
    detail: z.strictObject({ seq: z.int().min(1), hash: digest, statement: z.string().max(2048), trust }),
  },
  /** A signed checkpoint contradicts this log: entries were lost or rewritten. */
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

/** The kinds of entries in the audit log, each with what it is about and the shape of its detail. */
export type AuditKind = keyof typeof AUDIT_KINDS;

/** The detail of an entry of one kind. */
export type AuditDetail<K extends AuditKind> = z.infer<(typeof AUDIT_KINDS)[K]['detail']>;

/** An entry of one kind, written by the code that makes the change. */
export interface AuditEntryOf<K extends AuditKind> {
  readonly kind: K;
  /** Who caused it: a person, a host, or `controller`. */
  readonly actor: string;
  readonly requestId?: string;
  readonly host?: string;
  readonly detail: AuditDetail<K>;
}

/** An entry about one change of state, written by the code that makes it. */
export type AuditEntry = { [K in AuditKind]: AuditEntryOf<K> }[AuditKind];

/** Whether `kind` is one of ours. */
export function isAuditKind(kind: string): kind is AuditKind {
  return Object.hasOwn(AUDIT_KINDS, kind);
}
