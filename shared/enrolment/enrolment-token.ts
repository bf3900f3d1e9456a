import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { fields, SECRET_BYTES } from '../messages/index.ts';
import { firstIssue } from '../schema/index.ts';
import { brokerUrl, checkCertificates } from '../tls/index.ts';
import { type LeastBundle, leastBundleSchema } from '../trust/index.ts';

/**
 * What an operator gives to a machine that is to become a host. Anyone who has it can become that host, once.
 */
export interface EnrolmentToken {
  /** The address at which the controller accepts enrolments: host:port. */
  readonly address: string;
  /** Name of the host to be. */
  readonly host: string;
  /** The site that the host will belong to, as its file of roots names it. */
  readonly site: string;
  /** Certificates in PEM, one of which must have signed the controller's. */
  readonly ca: string;
  /** The labels that the host will have. */
  readonly labels: Readonly<Record<string, string>>;
  readonly broker: EnrolledBroker;
  /** SHA-256 of the file of roots that the host will trust, in base64url. */
  readonly rootsDigest: string;
  /** The trust bundle that was the newest when the token was made; the host accepts no older one. */
  readonly bundle: LeastBundle;
  /**
   * {@link SECRET_BYTES} random bytes: the seed of an Ed25519 key, of which the controller has only the id.
   */
  readonly secret: Uint8Array;
}

/** The broker of a new host. */
export interface EnrolledBroker {
  readonly servers: readonly string[];
  /** SHA-256 of the PEM certificates to trust for it, in base64url; empty if the system's are used. */
  readonly caDigest: string;
}

/** The beginning of every token, by which people and scanners for leaked secrets recognize it. */
const PREFIX = 'farcall-enrolment.';

/** Longest text that is parsed, in characters: enough for a few certificates. */
const LIMIT_CHARS = 32_768;

const base64url = (bytes: number): RegExp => new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`);

const digestSchema = z.string().regex(base64url(32), 'a SHA-256 digest in base64url');

const tokenSchema = z.strictObject({
  address: z.string().regex(/^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'an address is host:port'),
  host: fields.hostName,
  site: fields.siteId,
  labels: fields.hostLabels,
  broker: z.strictObject({
    servers: z.array(brokerUrl).min(1).max(64),
    caDigest: z.union([z.literal(''), digestSchema]),
  }),
  ca: z.string().min(1),
  rootsDigest: digestSchema,
  bundle: leastBundleSchema,
  secret: z.string().regex(base64url(SECRET_BYTES), `${SECRET_BYTES} bytes in base64url`),
});

/** The token as one line of text. */
export function formatEnrolmentToken({ secret, ...rest }: EnrolmentToken): string {
  const json = JSON.stringify({ ...rest, secret: Buffer.from(secret).toString('base64url') });
  return PREFIX + Buffer.from(json, 'utf8').toString('base64url');
}

/**
 * The token in `text`; surrounding white space is ignored. Throws TOKEN_INVALID with a message that quotes
 * nothing of the text, because it is a secret.
 *
 * Threat: the token passes through people's hands as a secret, and everything that a new host trusts comes
 * from it: the certificates (so nobody else can answer in place of the controller), the digest of the roots
 * (so a stolen controller cannot give it other roots), the newest bundle (so the host cannot be given an
 * older one, in which people have rights that they lost), its labels (so it is not sent what is meant for
 * others) and its broker.
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
