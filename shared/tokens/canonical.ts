import { FarcallError } from '../errors/index.ts';

/** Longest compact token that is looked at, in characters. */
export const TOKEN_LIMIT_CHARS = 8192;

/** A token taken apart, before anything in it is believed. */
export interface SplitToken {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

/**
 * Takes a compact JWS apart and demands the one spelling that we ourselves produce.
 *
 * Threat: JWS text has several spellings for one meaning (unused base64 bits, padding, spaces, duplicate JSON members
 * of which parsers choose differently). Whoever can respell a token can slip past a check that another layer made on
 * other text. So each part must be base64url that encodes back to itself, and each JSON must print back to itself:
 * that leaves no room for duplicates, white space or escapes.
 */
export function splitCanonicalToken(token: string): SplitToken {
  if (token.length > TOKEN_LIMIT_CHARS)
    throw invalid(`${token.length} characters are over the limit of ${TOKEN_LIMIT_CHARS}`);
  const parts = token.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature)
    throw invalid('not three parts with a dot between');
  canonicalBytes('signature', signature);
  return { header: canonicalObject('header', header), payload: canonicalObject('payload', payload) };
}

function canonicalBytes(part: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw invalid(`the ${part} is not canonical base64url`);
  return bytes;
}

function canonicalObject(part: string, text: string): Record<string, unknown> {
  const json = canonicalBytes(part, text).toString('utf8');
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

function invalid(what: string, cause?: unknown): FarcallError {
  return new FarcallError('TOKEN_INVALID', `token: ${what}`, { cause });
}
