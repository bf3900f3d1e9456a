import { FarcallError } from '../../../shared/errors/index.ts';
import { viewOf } from '../kcore/index.ts';

const TOKENS = 256;
/** A token is a piece of a name; even the longest are some twenty letters. */
const TOKEN_MAX_BYTES = 256;

/**
 * The 256 pieces of which compressed names are made (scripts/kallsyms.c, "table lookup compression"): byte
 * 0xf7 of a name may mean `write_`. Bytes that names use as letters mean themselves.
 */
export type TokenTable = readonly Uint8Array[];

/** The 256 offsets of `kallsyms_token_index`, u16 each. */
export function parseTokenIndex(bytes: Uint8Array): Uint16Array {
  if (bytes.length < 2 * TOKENS) throw invalid('its index is cut off');
  const view = viewOf(bytes);
  return Uint16Array.from({ length: TOKENS }, (_, token) => view.getUint16(2 * token, true));
}

/** How many bytes of `kallsyms_token_table` are enough for every piece in `index`, whatever their lengths. */
export function tokenTableBytes(index: Uint16Array): number {
  return Math.max(...index) + TOKEN_MAX_BYTES;
}

/**
 * Reads the pieces, NUL-terminated at the offsets of `index`. Codes that no name uses may be empty.
 *
 *     kallsyms_token_table: "D__\0" "cpu\0" … "a\0" "b\0"   kallsyms_token_index: 0 4 …
 *
 * @throws FarcallError KALLSYMS_INVALID
 */
export function parseTokenTable(table: Uint8Array, index: Uint16Array): TokenTable {
  return Array.from({ length: TOKENS }, (_, token) => {
    const start = index[token]!;
    const end = table.indexOf(0, start);
    if (end < start || end - start > TOKEN_MAX_BYTES) throw invalid(`piece ${token} has no end`);
    return table.slice(start, end);
  });
}

function invalid(why: string): FarcallError {
  return new FarcallError('KALLSYMS_INVALID', `the token table of kallsyms cannot be read: ${why}`);
}
