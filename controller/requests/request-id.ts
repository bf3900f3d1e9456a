import { randomBytes } from 'node:crypto';

/** Lower case without i, l, o and u (Crockford's base 32): people read ids aloud and type them. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 12;

/** A new request id of 60 random bits. */
export function newRequestId(): string {
  return Array.from(randomBytes(LENGTH), byte => ALPHABET[byte & 31]).join('');
}
