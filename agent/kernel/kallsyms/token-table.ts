import { FarcallError } from '../../../shared/errors/index.ts';
import { viewOf } from '../kcore/index.ts';

const TOKENS = 256;
/** A token is a piece of a name; even the longest are some twenty letters. */
const TOKEN_MAX_BYTES = 256;

/** Base of the polynomial hash over names; odd, so that no letter is lost. */
const HASH_BASE = 0x01000193;

/**
 * The 256 pieces of which compressed names are made (scripts/kallsyms.c, "table lookup compression"): byte 0xf7 of a
 * name may stand for `write_`. Beside each piece stands what it adds to the hash of a name, so that names can be
 * hashed without being expanded.
 */
export class TokenTable {
  /** All pieces, one after the other. */
  readonly bytes: Uint8Array;
  /** Where piece `i` starts in `bytes`, and at `i + 1` where it ends. */
  readonly starts: Uint16Array;
  /** Hash of piece `i`, and of piece `i` without its first letter, which in a first piece is the symbol's type. */
  readonly hashes = new Uint32Array(TOKENS);
  readonly tailHashes = new Uint32Array(TOKENS);
  /** `HASH_BASE` to the power of the length of piece `i`. */
  readonly powers = new Uint32Array(TOKENS);

  constructor(bytes: Uint8Array, starts: Uint16Array) {
    this.bytes = bytes;
    this.starts = starts;
    for (let token = 0; token < TOKENS; token++) {
      const start = starts[token]!;
      const end = starts[token + 1]!;
      this.hashes[token] = hashText(bytes, start, end);
      this.tailHashes[token] = hashText(bytes, Math.min(start + 1, end), end);
      let power = 1;
      for (let at = start; at < end; at++) power = Math.imul(power, HASH_BASE);
      this.powers[token] = power;
    }
  }

  /** How many letters piece `token` has. */
  length(token: number): number {
    return this.starts[token + 1]! - this.starts[token]!;
  }
}

/** The hash that `TokenTable` adds up piece by piece: joined texts hash to `hash(a) * base^length(b) + hash(b)`. */
export function hashText(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, HASH_BASE) + bytes[at]!) >>> 0;
  return hash;
}

/** The 256 offsets of `kallsyms_token_index`, u16 each. */
export function parseTokenIndex(bytes: Uint8Array): Uint16Array {
  if (bytes.length < 2 * TOKENS) throw invalid('its index is cut off');
  const view = viewOf(bytes);
  return Uint16Array.from({ length: TOKENS }, (_, token) => view.getUint16(2 * token, true));
}

/** How many bytes of `kallsyms_token_table` hold every piece that `index` names, whatever their lengths. */
export function tokenTableBytes(index: Uint16Array): number {
  return Math.max(...index) + TOKEN_MAX_BYTES;
}

/**
 * Reads the pieces, NUL-terminated at the offsets of `index`.
 *
 *     kallsyms_token_table: "end\0" "alloc\0" … "a\0" "b\0"   kallsyms_token_index: 0 4 …
 *
 * @throws FarcallError KALLSYMS_INVALID
 */
export function parseTokenTable(table: Uint8Array, index: Uint16Array): TokenTable {
  const starts = new Uint16Array(TOKENS + 1);
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (let token = 0; token < TOKENS; token++) {
    const start = index[token]!;
    const end = table.indexOf(0, start);
    if (end < start || end - start > TOKEN_MAX_BYTES) throw invalid(`piece ${token} has no end`);
    total += end - start;
    starts[token + 1] = total;
    pieces.push(table.subarray(start, end));
  }
  const bytes = new Uint8Array(total);
  for (const [token, piece] of pieces.entries()) bytes.set(piece, starts[token]!);
  return new TokenTable(bytes, starts);
}

function invalid(why: string): FarcallError {
  return new FarcallError('KALLSYMS_INVALID', `the token table of kallsyms cannot be read: ${why}`);
}
