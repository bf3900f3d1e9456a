import { digestText } from '../../shared/tokens/index.ts';

/**
 * How this host recognises an order: by the request's digest and the number of the attempt. Never by the text
 * of a token, since one order can have several.
 */
export interface AttemptKey {
  /** SHA-256 of the request bytes. */
  readonly requestDigest: Uint8Array;
  /** 1 for the first attempt; a retry has a new number. */
  readonly attempt: number;
}

/** `key` as text, for maps and logs. */
export function attemptKeyText(key: AttemptKey): string {
  return `${digestText(key.requestDigest)}/${key.attempt}`;
}
