import { z } from 'zod';
import { fields, LOCK_KINDS, ROLLOUT_ACTIONS } from '../messages/index.ts';
import { OUTCOME_NAMES } from '../outcome/index.ts';

/** A SHA-256 digest in a token: base64url without padding. */
const digestText = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a SHA-256 digest in base64url');
const seconds = z.int().min(0).max(8.64e12);
const tokenId = z.string().min(8).max(128);

/** Why somebody did what they sign, for the readers of the audit log. */
const signedReason = z
  .string()
  .min(1)
  .max(1024)
  .refine(text => text.trim() !== '', 'say why, for the readers of the audit log');

/** The site that the token is for; see `siteOf` in shared/trust. */
const site = digestText;

const common = { iss: z.string().min(1).max(128), aud: z.string(), site, iat: seconds, exp: seconds };

/** A position in an audit log. */
const logPosition = {
  /** Which store: a random id from when it was made. */
  store: z.string().regex(/^[0-9a-f]{32}$/, 'the id of a store'),
  /** Number of an entry; `hash` is its hash, which covers all entries before it. */
  seq: z.int().min(1),
  hash: digestText,
};

/** The kinds of host statement: the claim `what` of a `result` token says which one it signs. */
export const HOST_STATEMENTS = [
  'result',
  'facts',
  'heartbeat',
  'plan',
  'types',
  'sign-query',
  'abort',
  'journal',
] as const;

/** One of {@link HOST_STATEMENTS}. */
export type HostStatementKind = (typeof HOST_STATEMENTS)[number];

/** Most results in one `committed` token; with more, the token would be longer than a token may be. */
export const COMMITTED_LIMIT = 64;

/**
 * The kinds of token. Each has its own `typ` and audience, so that no token can replace one of another kind
 * (RFC 8725, sections 3.11 and 3.12), and each names its site, so that none counts at another. `maxAgeS` is
 * the longest life that a verifier accepts, in seconds from `iat`; undefined if the times of the token do not
 * limit it.
 */
export const TOKEN_KINDS = {
  /**
   * The requester's signature over the bytes of their request: made by `farcall request` or the console,
   * verified on each host.
   */
  request: {
    typ: 'farcall-request+jwt',
    aud: 'farcall-host',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, req: digestText }),
  },
  /** One approver's decision about one request: made by `farcall approve`, counted on each host. */
  approval: {
    typ: 'farcall-approval+jwt',
    aud: 'farcall-host',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({
      ...common,
      req: digestText,
      decision: z.enum(['approve', 'reject']),
      reason: z.string().max(1024).optional(),
    }),
  },
  /**
   * An approver withdraws an approval or rejection: `token` is the SHA-256 of the text of that token. It must
   * live at least as long as what it withdraws, or the decision would become valid again.
   */
  withdrawal: {
    typ: 'farcall-withdrawal+jwt',
    aud: 'farcall-host',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, req: digestText, token: digestText }),
  },
  /**
   * A person or controller stops a request on hosts that have not started it. Hosts remember it until the
   * request has expired.
   */
  abort: {
    typ: 'farcall-abort+jwt',
    aud: 'farcall-host',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, req: digestText, reason: z.string().min(1).max(1024) }),
  },
  /**
   * An approver's review of an emergency after it ran, for the audit log. It is valid for the hour in which
   * it is handed in.
   */
  review: {
    typ: 'farcall-review+jwt',
    aud: 'farcall-controller',
    maxAgeS: 3600,
    claims: z.strictObject({
      ...common,
      req: digestText,
      verdict: z.enum(['accept', 'object']),
      reason: z.string().min(1).max(1024),
    }),
  },
  /**
   * A requester or approver pauses, resumes, promotes or retries the rollout of a request. It is valid for
   * the hour in which it is handed in, and once.
   */
  action: {
    typ: 'farcall-action+jwt',
    aud: 'farcall-controller',
    maxAgeS: 3600,
    claims: z.strictObject({
      ...common,
      jti: tokenId,
      req: digestText,
      action: z.enum(ROLLOUT_ACTIONS),
      /** The newest wave that was ordered, as its author saw it; 0 in a pause means whichever wave runs. */
      wave: z.int().min(0).max(10_000),
      reason: z.string().min(1).max(1024),
      /** Of a retry: the outcomes of the hosts that try again. */
      only: z.array(z.enum(OUTCOME_NAMES)).min(1).max(OUTCOME_NAMES.length).optional(),
    }),
  },
  /**
   * An approver's signature for the removal of one host. `kid` is the id of the key that the host is enrolled
   * with, so that the signature is about that machine and no other of its name.
   */
  hostRemoval: {
    typ: 'farcall-host-removal+jwt',
    aud: 'farcall-controller',
    maxAgeS: 7 * 24 * 3600,
    claims: z.strictObject({
      ...common,
      host: fields.hostName,
      kid: digestText,
      reason: z.string().min(1).max(1024),
    }),
  },
  /**
   * An approver locks a host, person or controller. It is valid for the hour in which it is handed in, and
   * once.
   */
  lock: {
    typ: 'farcall-lock+jwt',
    aud: 'farcall-controller',
    maxAgeS: 3600,
    claims: z.strictObject({
      ...common,
      jti: tokenId,
      what: z.enum(LOCK_KINDS),
      name: fields.principalName,
      reason: signedReason,
    }),
  },
  /** An approver ends one lock: `lock` is the SHA-256 of the text of the token by which it was set. */
  unlock: {
    typ: 'farcall-unlock+jwt',
    aud: 'farcall-controller',
    maxAgeS: 3600,
    claims: z.strictObject({ ...common, lock: digestText, reason: signedReason }),
  },
  /**
   * An approver lets a host go on that is held. `kid` is the id of the key that the host is enrolled with and
   * `heldMs` the moment at which it was held, so that this is about one machine and one hold.
   */
  hostAcceptance: {
    typ: 'farcall-host-acceptance+jwt',
    aud: 'farcall-controller',
    maxAgeS: 3600,
    claims: z.strictObject({
      ...common,
      host: fields.hostName,
      kid: digestText,
      heldMs: fields.epochMs,
      reason: signedReason,
    }),
  },
  /** An approver revokes an enrolment that nobody has redeemed: `enrolment` is its id. */
  enrolmentRevocation: {
    typ: 'farcall-enrolment-revocation+jwt',
    aud: 'farcall-controller',
    maxAgeS: 3600,
    claims: z.strictObject({ ...common, enrolment: fields.requestId, host: fields.hostName }),
  },
  /**
   * An approver's signature that one host shall have these labels, and no others. `kid` is the id of the key
   * that the host is enrolled with. `number` counts the changes of labels of that machine, from 1.
   */
  hostLabels: {
    typ: 'farcall-host-labels+jwt',
    aud: 'farcall-host',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({
      ...common,
      host: fields.hostName,
      kid: digestText,
      number: z.int().min(1).max(fields.LABELS_NUMBER_MOST),
      labels: fields.hostLabels,
      reason: signedReason,
    }),
  },
  /** A controller's order to run an approved request on the hosts of one wave. */
  order: {
    typ: 'farcall-order+jwt',
    aud: 'farcall-host',
    maxAgeS: 7 * 24 * 3600,
    claims: z.strictObject({
      ...common,
      jti: tokenId,
      nbf: seconds,
      req: digestText,
      attempt: z.int().min(1).max(1000),
      /** Version of the trust bundle by which the controller counted the approvals. */
      trustVersion: z.int().min(1),
      wave: z.int().min(1).max(10_000),
      /**
       * Hosts whose number (`sliceNumber` in shared/targets) is at least `from` and below `to`; 0 to 2^32 is
       * every host.
       */
      slice: z.strictObject({
        from: z
          .int()
          .min(0)
          .max(2 ** 32),
        to: z
          .int()
          .min(0)
          .max(2 ** 32),
      }),
      /**
       * A retry: only hosts whose last outcome is one of these. `unreachable` means hosts that have no record
       * of the request.
       */
      only: z.array(z.enum(OUTCOME_NAMES)).min(1).max(OUTCOME_NAMES.length).optional(),
    }),
  },
  /**
   * A controller asks hosts what a program would do; nothing runs. `sha256` is of the PlanQuery, which names
   * the hosts.
   */
  plan: {
    typ: 'farcall-plan+jwt',
    aud: 'farcall-host',
    maxAgeS: 120,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /**
   * A controller asks a host what its kernel has; nothing runs. `sha256` is of the TypesQuery, which names
   * the host.
   */
  types: {
    typ: 'farcall-types+jwt',
    aud: 'farcall-host',
    maxAgeS: 120,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /** A host's signature over a statement of its own, such as a result, facts or a plan reply. */
  result: {
    typ: 'farcall-result+jwt',
    aud: 'farcall-controller',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, what: z.enum(HOST_STATEMENTS), sha256: digestText }),
  },
  /** A controller's signed head of its audit log. Anyone who has it can prove that entries were lost. */
  checkpoint: {
    typ: 'farcall-checkpoint+jwt',
    aud: 'farcall-auditor',
    maxAgeS: 10 * 365 * 24 * 3600,
    claims: z.strictObject({ ...common, ...logPosition }),
  },
  /**
   * A person's statement that they have verified the audit log up to an entry, which the controller had
   * signed too. Anyone who has it can prove that entries were lost or changed, even against those who have
   * the controller's key.
   */
  witness: {
    typ: 'farcall-witness+jwt',
    aud: 'farcall-auditor',
    maxAgeS: 10 * 365 * 24 * 3600,
    claims: z.strictObject({
      ...common,
      iss: fields.principalName,
      ...logPosition,
      /** The time of the entry, as it says itself, in milliseconds since the epoch. */
      entryAtMs: fields.epochMs,
    }),
  },
  /**
   * A controller's statement that results, named by their digests, are in its store: hosts may forget them.
   */
  committed: {
    typ: 'farcall-committed+jwt',
    aud: 'farcall-host',
    maxAgeS: 3600,
    claims: z.strictObject({ ...common, results: z.array(digestText).min(1).max(COMMITTED_LIMIT) }),
  },
  /**
   * A controller's statement of the newest trust bundle that it knows: the timestamp role of The Update
   * Framework. It is short-lived, so that somebody who holds bundles back is noticed.
   */
  freshness: {
    typ: 'farcall-freshness+jwt',
    aud: 'farcall-host',
    maxAgeS: 600,
    claims: z.strictObject({ ...common, version: z.int().min(1), sha256: digestText }),
  },
  /**
   * A controller admits an incarnation of a host: until then orders may run on it. `since` is when a person
   * let it go on after its journal had lost records, in seconds since the epoch.
   */
  admission: {
    typ: 'farcall-admission+jwt',
    aud: 'farcall-host',
    maxAgeS: 900,
    claims: z.strictObject({
      ...common,
      host: fields.hostName,
      incarnation: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'the name of an incarnation in base64url'),
      since: seconds.optional(),
    }),
  },
  /** An approver lets a machine become a host; `sha256` is of the EnrolmentDraft bytes. */
  hostEnrolment: {
    typ: 'farcall-host-enrolment+jwt',
    aud: 'farcall-controller',
    maxAgeS: 3600,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /**
   * Proof that a new host has the private key of its claim, or that of its enrolment token; `sha256` is of
   * the EnrolmentClaim bytes.
   */
  enrolment: {
    typ: 'farcall-enrolment+jwt',
    aud: 'farcall-controller',
    maxAgeS: 300,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /** Authenticates one call of one method of the operator API, for one minute. */
  operator: {
    typ: 'farcall-operator+jwt',
    aud: 'farcall-controller',
    maxAgeS: 60,
    claims: z.strictObject({
      ...common,
      iss: fields.principalName,
      jti: tokenId,
      /** Path of the gRPC method. */
      method: z.string().min(1).max(128),
      /** Of the request message's bytes. */
      sha256: digestText,
    }),
  },
  /**
   * One root's signature over one version of the trust bundle. It does not expire: the bundle that it signs
   * says how long it is valid, and a host that was offline for a year must still be able to follow every
   * change of roots.
   */
  trust: {
    typ: 'farcall-trust+jwt',
    aud: 'farcall-trust',
    maxAgeS: undefined,
    claims: z.strictObject({
      iss: fields.principalName,
      aud: z.string(),
      site,
      iat: seconds,
      version: z.int().min(1),
      sha256: digestText,
    }),
  },
} as const;

/** A key of {@link TOKEN_KINDS}. */
export type TokenKind = keyof typeof TOKEN_KINDS;

/** The claims of a token of kind `K`. */
export type TokenClaims<K extends TokenKind> = z.infer<(typeof TOKEN_KINDS)[K]['claims']>;
