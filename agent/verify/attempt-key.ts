import { digestText } from '../../shared/tokens/index.ts';

/**
 * By what this host knows an order again: the request's digest and the number of the attempt. Never the text
 * of a token, of which there can be several for one order.
 */
export interface AttemptKey {
  /** SHA-256 of the request bytes. */
  readonly requestDigest: Uint8Array;
  /** 1 for the first attempt; a retry is a new number. */
  readonly attempt: number;
}

/** `key` as text, for maps and logs. */
export function attemptKeyText(key: AttemptKey): string {
  return `${digestText(key.requestDigest)}/${key.attempt}`;
}
