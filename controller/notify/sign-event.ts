import { createHmac } from 'node:crypto';
import { FarcallError } from '../../shared/errors/index.ts';

/** A secret that signs events. */
export type WebhookSecret = Uint8Array;

/** The parts of an event that its signature covers (Standard Webhooks 1.0). */
export interface SignedEvent {
  readonly id: string;
  /** The time of the try, in seconds since the epoch. */
  readonly timestampS: number;
  readonly body: string;
}

/** Standard Webhooks 1.0: 24 to 64 bytes in base64 behind this. */
const PREFIX = 'whsec_';
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
const SECRETS_LIMIT = 4;

/**
 * The secrets in `text`, one in a line: several while one takes the place of another. Throws CONFIG_INVALID,
 * naming `origin` and never what stands there.
 */
export function parseSecrets(text: string, origin: string): readonly WebhookSecret[] {
  const lines = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  if (lines.length === 0 || lines.length > SECRETS_LIMIT)
    throw new FarcallError(
      'CONFIG_INVALID',
      `${origin} must hold one secret, or up to ${SECRETS_LIMIT} in lines`,
    );
  return lines.map(line => parseSecret(line, origin));
}

function parseSecret(line: string, origin: string): WebhookSecret {
  const bytes = Buffer.from(line.slice(PREFIX.length), 'base64');
  const isWhole =
    bytes.toString('base64').replace(/=+$/, '') === line.slice(PREFIX.length).replace(/=+$/, '');
  if (line.startsWith(PREFIX) && isWhole && bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES)
    return bytes;
  throw new FarcallError(
    'CONFIG_INVALID',
    `${origin} holds no secret: write ${PREFIX} and base64 of ${LEAST_BYTES} to ${MOST_BYTES} bytes; ` +
      `echo "${PREFIX}$(head -c 32 /dev/urandom | base64)" makes one`,
  );
}

/**
 * The headers of the Standard Webhooks specification (github.com/standard-webhooks): HMAC-SHA-256 over id,
 * time and body, with each secret.
 */
export function signatureHeaders(
  signed: SignedEvent,
  secrets: readonly WebhookSecret[],
): Record<string, string> {
  const { id, timestampS, body } = signed;
  const signatures = secrets.map(
    secret => `v1,${createHmac('sha256', secret).update(`${id}.${timestampS}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signatures.join(' '),
  };
}
