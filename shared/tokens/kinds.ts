import { z } from 'zod';
import { fields } from '../messages/index.ts';
import { OUTCOME_NAMES } from '../outcome/index.ts';

/** A SHA-256 digest in a token: base64url without padding. */
const digestText = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a SHA-256 digest in base64url');
const seconds = z.int().min(0).max(8.64e12);
const tokenId = z.string().min(8).max(128);

const common = { iss: z.string().min(1).max(128), aud: z.string(), iat: seconds, exp: seconds };

/**
 * What a host signs of its own: results of calls, its facts, its heartbeats, what it says to a plan, what its
 * kernel has, its wishes for signatures.
 */
export const HOST_STATEMENTS = ['result', 'facts', 'heartbeat', 'plan', 'types', 'sign-query'] as const;

/** One of {@link HOST_STATEMENTS}. */
export type HostStatementKind = (typeof HOST_STATEMENTS)[number];

/** Most results in one `committed` token: with more it would be longer than a token may be. */
export const COMMITTED_LIMIT = 64;

/**
 * The kinds of token. Each has its own `typ` and audience, so that no token can stand in for another (RFC
 * 8725, 3.11 and 3.12), and the longest life that a verifier accepts, counted from `iat`; undefined where
 * something else than the token's own times limits it.
 */
export const TOKEN_KINDS = {
  /** One approver's word about one request: made by `farcall approve`, counted on each host. */
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
   * An approver withdraws an approval or rejection: `token` is the SHA-256 of that token's text. It must
   * live at least as long as what it takes back, or that would come to life again.
   */
  withdrawal: {
    typ: 'farcall-withdrawal+jwt',
    aud: 'farcall-host',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, req: digestText, token: digestText }),
  },
  /**
   * A person or controller stops what has not started yet; hosts remember it as long as the request could
   * live.
   */
  abort: {
    typ: 'farcall-abort+jwt',
    aud: 'farcall-host',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, req: digestText, reason: z.string().min(1).max(1024) }),
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
       * Hosts whose number (shared/targets `sliceNumber`) is at least `from` and below `to`; 0 to 2^32 is
       * all.
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
       * A retry: only hosts whose last outcome is one of these; `unreachable` means those that know nothing
       * of the request.
       */
      only: z.array(z.enum(OUTCOME_NAMES)).min(1).max(OUTCOME_NAMES.length).optional(),
    }),
  },
  /**
   * A controller asks the hosts in a PlanQuery, whose SHA-256 this is, what a program would do; nothing runs
   * for it.
   */
  plan: {
    typ: 'farcall-plan+jwt',
    aud: 'farcall-host',
    maxAgeS: 120,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /**
   * A controller asks the host in a TypesQuery, whose SHA-256 this is, what its kernel has; nothing runs for
   * it.
   */
  types: {
    typ: 'farcall-types+jwt',
    aud: 'farcall-host',
    maxAgeS: 120,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /** A host's word about bytes that it sends: a result, its facts, a plan. */
  result: {
    typ: 'farcall-result+jwt',
    aud: 'farcall-controller',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, what: z.enum(HOST_STATEMENTS), sha256: digestText }),
  },
  /**
   * A controller's word on how far its audit log goes and what its head is; anyone who holds it can prove a
   * loss.
   */
  checkpoint: {
    typ: 'farcall-checkpoint+jwt',
    aud: 'farcall-auditor',
    maxAgeS: 10 * 365 * 24 * 3600,
    claims: z.strictObject({
      ...common,
      /** Which store: a name that it was given by chance when it was made. */
      store: z.string().regex(/^[0-9a-f]{32}$/, 'the id of a store'),
      /** Number of the last entry, and its hash, which covers all before it. */
      seq: z.int().min(1),
      hash: digestText,
    }),
  },
  /** A controller's word that results, named by their digests, are in its store: hosts may drop them. */
  committed: {
    typ: 'farcall-committed+jwt',
    aud: 'farcall-host',
    maxAgeS: 3600,
    claims: z.strictObject({ ...common, results: z.array(digestText).min(1).max(COMMITTED_LIMIT) }),
  },
  /** A new host's proof that it holds the key in its claim; `sha256` is of the EnrolmentClaim bytes. */
  enrolment: {
    typ: 'farcall-enrolment+jwt',
    aud: 'farcall-controller',
    maxAgeS: 300,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /**
   * Who is calling one method of the operator API with one request: made by the command line for one minute.
   */
  operator: {
    typ: 'farcall-operator+jwt',
    aud: 'farcall-controller',
    maxAgeS: 60,
    claims: z.strictObject({
      ...common,
      iss: fields.principalName,
      jti: tokenId,
      /** Path of the method, as gRPC has it. */
      method: z.string().min(1).max(128),
      /** Of the request message's bytes. */
      sha256: digestText,
    }),
  },
  /**
   * One root's word about one version of the trust bundle. It has no age: how long it counts is said by the
   * bundle that it signs, and a host that was away for a year must still be able to walk from root to root.
   */
  trust: {
    typ: 'farcall-trust+jwt',
    aud: 'farcall-trust',
    maxAgeS: undefined,
    claims: z.strictObject({
      iss: fields.principalName,
      aud: z.string(),
      iat: seconds,
      version: z.int().min(1),
      sha256: digestText,
    }),
  },
} as const;

/** A kind of token. */
export type TokenKind = keyof typeof TOKEN_KINDS;

/** The claims of a kind of token. */
export type TokenClaims<K extends TokenKind> = z.infer<(typeof TOKEN_KINDS)[K]['claims']>;
