import { FarcallError } from '../../../shared/errors/index.ts';
import { BTF_KIND_EXTRA } from './kinds.ts';

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
/** A kind is five bits wide. */
const KINDS = 32;

/**
 * Sizes by kind, flat for the one loop that goes over everything: of the type itself (0: no such kind), and
 * per member.
 */
const FIXED_BYTES = new Uint8Array(KINDS);
const MEMBER_BYTES = new Uint8Array(KINDS);
for (const [kind, [fixed, perMember]] of BTF_KIND_EXTRA.entries()) {
  FIXED_BYTES[kind] = kind === 0 ? 0 : TYPE_SIZE_BYTES + fixed;
  MEMBER_BYTES[kind] = perMember;
}

/**
 * Walks the type section once, and notes where each type starts.
 *
 *     struct btf_type { u32 name_off; u32 info; u32 size_or_type; }
 *     info: |31 kind_flag|30..29|28..24 kind|23..16|15..0 vlen|
 */
export function indexTypes(words: Uint32Array, startByte: number, endByte: number): TypeIndex {
  // Types are some 24 bytes long. What is not written to takes no memory.
  let offsets = new Uint32Array(Math.min(TYPE_LIMIT, Math.max(16, (endByte - startByte) >> 4)));
  let count = 0;
  let at = startByte;
  while (at < endByte) {
    if (at + TYPE_SIZE_BYTES > endByte) throw invalid(`type ${count + 1} runs past the type section`);
    const info = words[(at >> 2) + 1]!;
    const kind = (info >>> 24) & 0x1f;
    const fixed = FIXED_BYTES[kind]!;
    if (fixed === 0) throw unknownKind(count + 1, kind);
    if (count === offsets.length) offsets = grow(offsets);
    offsets[count++] = at;
    at += fixed + (info & 0xffff) * MEMBER_BYTES[kind]!;
  }
  if (at !== endByte) throw invalid(`type ${count} runs past the type section`);
  return { offsets: offsets.subarray(0, count), count };
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
