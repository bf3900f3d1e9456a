import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { fields, SECRET_BYTES } from '../messages/index.ts';
import { firstIssue } from '../schema/index.ts';
import { checkCertificates } from '../tls/index.ts';

/**
 * What an operator hands to a machine that is to become a host. Anyone who has it can become that host, once.
 */
export interface EnrolmentToken {
  /** Where the controller takes enrolments: host:port. */
  readonly address: string;
  readonly host: string;
  /** Certificates in PEM, by one of which the controller's must be signed. */
  readonly ca: string;
  /** SHA-256 of the file of roots that the host will trust, in base64url. */
  readonly rootsDigest: string;
  readonly secret: Uint8Array;
}

/** With what the text of a token begins, so that people and scanners for leaked secrets know it. */
const PREFIX = 'farcall-enrolment.';

/** Longest text that is looked at, in characters: room for a few certificates. */
const LIMIT_CHARS = 32_768;

const base64url = (bytes: number): RegExp => new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`);

const tokenSchema = z.strictObject({
  address: z.string().regex(/^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'an address is host:port'),
  host: fields.hostName,
  ca: z.string().min(1),
  rootsDigest: z.string().regex(base64url(32), 'a SHA-256 digest in base64url'),
  secret: z.string().regex(base64url(SECRET_BYTES), `${SECRET_BYTES} bytes in base64url`),
});

/** The token as one line of text. */
export function formatEnrolmentToken({ secret, ...rest }: EnrolmentToken): string {
  const json = JSON.stringify({ ...rest, secret: Buffer.from(secret).toString('base64url') });
  return PREFIX + Buffer.from(json, 'utf8').toString('base64url');
}

/**
 * The token in `text`, white space around it left aside. Throws TOKEN_INVALID; the message quotes nothing of
 * the text, because it is a secret.
 *
 * Threat: on its way the token is a secret in somebody's hands, and all that a new host believes comes out of
 * it: the certificates (so nobody else can answer in the controller's place) and the digest of the roots (so
 * a controller in wrong hands cannot give it others).
 */
export function parseEnrolmentToken(text: string): EnrolmentToken {
  const trimmed = text.trim();
  if (!trimmed.startsWith(PREFIX)) throw invalid(`it does not begin with ${PREFIX}`);
  if (trimmed.length > LIMIT_CHARS) throw invalid(`it is longer than ${LIMIT_CHARS} characters`);
  const parsed = tokenSchema.safeParse(jsonIn(trimmed.slice(PREFIX.length)));
  if (!parsed.success) throw invalid(firstIssue(parsed.error, 'content'));
  const { secret, ca, ...rest } = parsed.data;
  try {
    checkCertificates(Buffer.from(ca, 'utf8'), 'ca');
  } catch {
    throw invalid('ca: not a certificate');
  }
  return { ...rest, ca, secret: Buffer.from(secret, 'base64url') };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    // The cause is dropped on purpose: parsers quote what they read.
    throw invalid('it was cut off or changed');
  }
}

function invalid(what: string): FarcallError {
  return new FarcallError('TOKEN_INVALID', `this is no enrolment token of farcall host enrol: ${what}`);
}
