import { FarcallError } from '../errors/index.ts';

/** Longest compact token that is parsed, in characters. */
export const TOKEN_LIMIT_CHARS = 8192;

/** Header and payload of a token whose signature has not been verified. */
export interface SplitToken {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

/** The three parts of a compact JWS as bytes. */
export interface CanonicalParts {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Header and payload of a compact JWS that is in the one spelling that we produce.
 *
 * Threat: JWS text has several spellings for one meaning (unused base64 bits, padding, spaces, duplicate JSON
 * members, of which parsers choose differently). Anyone who can respell a token can evade a check that
 * another layer made on other text. So each part must be base64url that encodes back to itself, and each JSON
 * must be what JSON.stringify writes: no duplicates, white space or escapes. Throws TOKEN_INVALID.
 */
export function splitCanonicalToken(token: string): SplitToken {
  const { header, payload } = canonicalParts(token);
  return { header: canonicalObject('header', header), payload: canonicalObject('payload', payload) };
}

/**
 * The parts of `token` (RFC 7515, section 7.1); only the payload may be empty. Throws TOKEN_INVALID for every
 * spelling but the canonical one.
 */
export function canonicalParts(token: string): CanonicalParts {
  if (token.length > TOKEN_LIMIT_CHARS)
    throw invalid(`${token.length} characters are over the limit of ${TOKEN_LIMIT_CHARS}`);
  const parts = token.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || payload === undefined || !signature)
    throw invalid('not three parts with a dot between');
  return {
    header: canonicalBytes('header', header),
    payload: canonicalBytes('payload', payload),
    signature: canonicalBytes('signature', signature),
  };
}

/**
 * The JSON object in one part of a token; `name` names the part in errors. Throws TOKEN_INVALID for every
 * spelling but the canonical one.
 */
export function splitCanonicalObject(name: string, part: string): Record<string, unknown> {
  return canonicalObject(name, canonicalBytes(name, part));
}

function canonicalBytes(part: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw invalid(`the ${part} is not canonical base64url`);
  return bytes;
}

function canonicalObject(part: string, bytes: Uint8Array): Record<string, unknown> {
  const json = utf8(part, bytes);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid(`the ${part} is not JSON`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`the ${part} is not an object`);
  if (JSON.stringify(value) !== json) throw invalid(`the ${part} is not in canonical JSON`);
  return value as Record<string, unknown>;
}

/**
 * A lenient decoder would turn every wrong byte into the same replacement character: many spellings for one
 * text.
 */
function utf8(part: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(`the ${part} is not UTF-8`, cause);
  }
}

function invalid(what: string, cause?: unknown): FarcallError {
  return new FarcallError('TOKEN_INVALID', `token: ${what}`, { cause });
}

/**
 * When a token says that it was signed, in milliseconds since the epoch. Nothing is verified. Throws
 * TOKEN_INVALID where it does not say so.
 */
export function signedAtMs(token: string): number {
  const { iat } = splitCanonicalToken(token).payload;
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat))
    throw new FarcallError('TOKEN_INVALID', 'the token does not say when it was signed');
  return iat * 1000;
}
