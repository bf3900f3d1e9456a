import { z } from 'zod';
import { fields } from '../messages/index.ts';

/** A SHA-256 digest in a token: base64url without padding. */
const digestText = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a SHA-256 digest in base64url');
const seconds = z.int().min(0).max(8.64e12);
const tokenId = z.string().min(8).max(128);

const common = { iss: z.string().min(1).max(128), aud: z.string(), iat: seconds, exp: seconds };

/**
 * The kinds of token. Each has its own `typ` and audience, so that no token can stand in for another (RFC 8725, 3.11
 * and 3.12), and the longest life that a verifier accepts, counted from `iat`.
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
      wave: z.int().min(1).max(10_000),
      /** Hosts whose number (shared/targets `sliceNumber`) is at least `from` and below `to`; 0 to 2^32 is all. */
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
    }),
  },
  /** A host's word about bytes that it sends: a result, or its facts. */
  result: {
    typ: 'farcall-result+jwt',
    aud: 'farcall-controller',
    maxAgeS: 30 * 24 * 3600,
    claims: z.strictObject({ ...common, what: z.enum(['result', 'facts']), sha256: digestText }),
  },
  /** A new host's proof that it holds the key in its claim; `sha256` is of the EnrolmentClaim bytes. */
  enrolment: {
    typ: 'farcall-enrolment+jwt',
    aud: 'farcall-controller',
    maxAgeS: 300,
    claims: z.strictObject({ ...common, sha256: digestText }),
  },
  /** Who is calling one method of the operator API with one request: made by the command line for one minute. */
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
} as const;

/** A kind of token. */
export type TokenKind = keyof typeof TOKEN_KINDS;

/** The claims of a kind of token. */
export type TokenClaims<K extends TokenKind> = z.infer<(typeof TOKEN_KINDS)[K]['claims']>;
