import { z } from 'zod';
import { OUTCOME_NAMES } from '../../shared/outcome/index.ts';

/** A SHA-256 in an entry of the audit log: hex. */
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex');
const count = z.int().min(0);
const text = z.string().max(1024);
/** Version of the trust bundle by which something was decided. */
const trust = z.int().min(1);
const outcome = z.enum(OUTCOME_NAMES);
const counts = z.partialRecord(outcome, count);
const decided = z.strictObject({ submittedBy: text, token: digest, trust });
const takenBack = z.strictObject({ submittedBy: text, token: digest, withdrawal: digest, trust });

/**
 * Everything that the audit log can say, and about what. An entry carries the digests of the signed things that it is
 * about, so that the hash chain holds their rows too: a row that was edited, swapped or removed does not fit its entry.
 * A new kind needs its place in `controller/audit/verify/replay-kinds.ts`, where it is said what must follow from it.
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
  /** Somebody may become this host: digest of the secret, labels as JSON, whether it may be a host already. */
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
  /** A newer trust bundle counts from here on: digest of its bytes, and those of its own roots who signed it. */
  'trust-accepted': {
    about: [],
    detail: z.strictObject({ version: trust, digest, signers: z.array(text).max(32) }),
  },
  /** Digest of the request's bytes; number and digest (see `expectedHostsDigest`) of the hosts that it expects. */
  'request-created': {
    about: ['request'],
    detail: z.strictObject({ digest, hosts: count, expected: digest, settleAtMs: count }),
  },
  /** Somebody decided: digest of the token. */
  'approval-added': { about: ['request'], detail: decided },
  'rejection-added': { about: ['request'], detail: decided },
  /** He took it back: digests of what is taken back, and of the token that does it. */
  'approval-withdrawn': { about: ['request'], detail: takenBack },
  'rejection-withdrawn': { about: ['request'], detail: takenBack },
  /** What a rejection, or taking something back, did to the request. */
  'request-rejected': { about: ['request'], detail: z.strictObject({}) },
  'request-reopened': { about: ['request'], detail: z.strictObject({}) },
  'request-approved': {
    about: ['request'],
    detail: z.strictObject({ approvers: z.array(text).max(4096), trust }),
  },
  'order-made': {
    about: ['request'],
    detail: z.strictObject({ order: text, attempt: count, envelope: digest, trust }),
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
  /** The controller signed a module for a host's order: digests of the unsigned module, of the facts that it was compiled from, and of the signature. */
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
