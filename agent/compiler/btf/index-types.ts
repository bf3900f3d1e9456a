import { FarcallError } from '../../../shared/errors/index.ts';
import { BTF_KIND, BTF_KIND_EXTRA, BTF_KIND_MAX } from './kinds.ts';

/** Where the types of one BTF blob start. Nothing is inflated: later readers go to the bytes. */
export interface TypeIndex {
  /** Byte offset of each type in the blob; entry 0 is the first type of this blob. */
  readonly offsets: Uint32Array;
  /** How many types there are in this blob. */
  readonly count: number;
}

/** More types than any kernel has; a blob that claims more is not BTF. */
const TYPE_LIMIT = 4_000_000;
const TYPE_SIZE_BYTES = 12;

/**
 * Walks the type section once, and notes where each type starts.
 *
 *     struct btf_type { u32 name_off; u32 info; u32 size_or_type; }
 *     info: |31 kind_flag|30..29|28..24 kind|23..16|15..0 vlen|
 */
export function indexTypes(words: Uint32Array, startByte: number, endByte: number): TypeIndex {
  let offsets = new Uint32Array(Math.min(TYPE_LIMIT, Math.max(16, (endByte - startByte) >> 5)));
  let count = 0;
  let at = startByte;
  while (at < endByte) {
    if (at + TYPE_SIZE_BYTES > endByte) throw invalid(`type ${count + 1} runs past the type section`);
    const info = words[(at >> 2) + 1]!;
    const kind = (info >>> 24) & 0x1f;
    const extra = BTF_KIND_EXTRA[kind];
    if (!extra || kind === BTF_KIND.VOID || kind > BTF_KIND_MAX) throw unknownKind(count + 1, kind);
    if (count === offsets.length) offsets = grow(offsets);
    offsets[count++] = at;
    at += TYPE_SIZE_BYTES + extra[0] + (info & 0xffff) * extra[1];
  }
  if (at !== endByte) throw invalid(`type ${count} runs past the type section`);
  return { offsets: offsets.slice(0, count), count };
}

function grow(offsets: Uint32Array): Uint32Array<ArrayBuffer> {
  if (offsets.length >= TYPE_LIMIT) throw invalid(`more than ${TYPE_LIMIT} types`);
  const larger = new Uint32Array(Math.min(TYPE_LIMIT, offsets.length * 2));
  larger.set(offsets);
  return larger;
}

function unknownKind(id: number, kind: number): FarcallError {
  return new FarcallError(
    'BTF_INVALID',
    `BTF: type ${id} has the kind ${kind}, which this farcall does not know; a newer farcall may`,
  );
}

function invalid(what: string): FarcallError {
  return new FarcallError('BTF_INVALID', `BTF: ${what}`);
}
