import { FarcallError } from '../../../shared/errors/index.ts';
import { bare, type CType, constOf, isConst, type RecordType, sizeOf } from './ctype.ts';

/** A member of a structure or union. */
export interface Member {
  /** Empty for anonymous members. */
  readonly name: string;
  readonly type: CType;
  /** Bits from the start of the record. */
  readonly bitOffset: number;
  /** Width of a bit field; 0 where the member is none. */
  readonly bitWidth: number;
}

/** Deeper nesting of records by value is no kernel's; malformed BTF may even nest in circles. */
const DEPTH_LIMIT = 32;

const membersOf = new WeakMap<RecordType, readonly Member[]>();

/** The members of a record in order, anonymous ones included; none where only its name is known. */
export function recordMembers(record: RecordType): readonly Member[] {
  const known = membersOf.get(record);
  if (known) return known;
  // A type of the program has no size, and may have no members yet, while it is being defined.
  if (record.sizeBytes === undefined) return [];
  const members = record.members();
  if (containsItself(record, members)) {
    const name = `${record.kind} ${record.name || '(anonymous)'}`;
    throw new FarcallError('BTF_INVALID', `BTF: ${name} contains itself`);
  }
  membersOf.set(record, members);
  return members;
}

/**
 * Whether a record holds itself by value, at any depth, which no C compiler accepts (C11 6.7.2.1, 3).
 *
 * Threat: types that a host sends to its controller nest in a circle, and whatever walks over members never
 * ends. Only records that are at least as large are followed: the smallest record of a circle finds it.
 */
function containsItself(record: RecordType, members: readonly Member[]): boolean {
  const seen = new Set<RecordType>();
  const reaches = (inner: readonly Member[]): boolean =>
    inner.some(({ type }) => {
      const held = elementOf(type);
      if (held === record) return true;
      if ((held?.sizeBytes ?? -1) < (record.sizeBytes ?? 0) || !held || seen.has(held)) return false;
      seen.add(held);
      return reaches(held.members());
    });
  return reaches(members);
}

/** The record that a member is, or that its array is made of; undefined for other types. */
function elementOf(type: CType): RecordType | undefined {
  const plain = bare(type);
  if (plain.kind === 'array') return elementOf(plain.of);
  return plain.kind === 'struct' || plain.kind === 'union' ? plain : undefined;
}

/**
 * The member `name`, looked for in anonymous members too (C11 6.7.2.1, 13); its offset is from the start of
 * `record`.
 */
export function findMember(record: RecordType, name: string, depth = 0): Member | undefined {
  const members = recordMembers(record);
  const direct = members.find(each => each.name === name);
  if (direct || depth > DEPTH_LIMIT) return direct;
  for (const member of members) {
    const inner = member.name === '' ? bare(member.type) : undefined;
    if (inner?.kind !== 'struct' && inner?.kind !== 'union') continue;
    const found = findMember(inner, name, depth + 1);
    if (found) {
      const type = isConst(member.type) ? constOf(found.type) : found.type;
      return { ...found, type, bitOffset: found.bitOffset + member.bitOffset };
    }
  }
  return undefined;
}

/** Names of all members, those of anonymous ones included. */
export function memberNames(record: RecordType, depth = 0): string[] {
  return recordMembers(record).flatMap(({ name, type }) => {
    if (name !== '') return [name];
    const inner = bare(type);
    const isRecord = inner.kind === 'struct' || inner.kind === 'union';
    return isRecord && depth < DEPTH_LIMIT ? memberNames(inner, depth + 1) : [];
  });
}

/** Larger records are of class MEMORY anyway. */
const CLASSIFIED_BYTES = 16;

/** How a type wants to lie in memory. */
export interface Alignment {
  readonly bytes: number;
  /**
   * Whether a scalar in it does not lie as it wants to, which makes the whole of class MEMORY (psABI x86-64,
   * 3.2.3). Packed alone does not: `{ u64; u8 }` travels in registers. Looked at up to
   * {@link CLASSIFIED_BYTES} only.
   */
  readonly unaligned: boolean;
}

/** Natural alignment of a type (psABI x86-64, 3.1.2). BTF does not say what `aligned` attributes add. */
export function alignmentOf(type: CType, depth = 0): Alignment {
  const plain = bare(type);
  if (plain.kind === 'array') return alignmentOf(plain.of, depth + 1);
  if (plain.kind !== 'struct' && plain.kind !== 'union')
    return { bytes: Math.max(1, sizeOf(plain) ?? 1), unaligned: false };
  let bytes = plain.alignmentBytes ?? 1;
  for (const member of depth > DEPTH_LIMIT ? [] : recordMembers(plain)) {
    const inner = alignmentOf(member.type, depth + 1);
    const misplaced = member.bitWidth === 0 && member.bitOffset % (inner.bytes * 8) !== 0;
    if (!misplaced && (member.bitWidth === 0 || member.name !== '')) bytes = Math.max(bytes, inner.bytes);
  }
  const size = plain.sizeBytes ?? 0;
  const unaligned = size <= CLASSIFIED_BYTES && misplacesScalar(plain, 0);
  return { bytes: size % bytes === 0 ? bytes : 1, unaligned };
}

/**
 * Whether a scalar of `type` at this offset is not at a multiple of its size. Bit fields need no alignment.
 */
function misplacesScalar(type: CType, bitOffset: number, depth = 0): boolean {
  const plain = bare(type);
  if (depth > DEPTH_LIMIT) return false;
  if (plain.kind === 'array') {
    const elementBits = (sizeOf(plain.of) ?? 0) * 8;
    const count = Math.min(plain.count ?? 0, CLASSIFIED_BYTES);
    return Array.from({ length: count }).some((_, index) =>
      misplacesScalar(plain.of, bitOffset + index * elementBits, depth + 1),
    );
  }
  if (plain.kind === 'struct' || plain.kind === 'union') {
    return recordMembers(plain).some(
      ({ type: inner, bitOffset: at, bitWidth }) =>
        bitWidth === 0 && misplacesScalar(inner, bitOffset + at, depth + 1),
    );
  }
  return bitOffset % (Math.max(1, sizeOf(plain) ?? 1) * 8) !== 0;
}

/** Whether a floating number is in the type, at any depth: such values travel in vector registers. */
export function hasFloat(type: CType, depth = 0): boolean {
  const plain = bare(type);
  if (plain.kind === 'float') return true;
  if (plain.kind === 'array') return hasFloat(plain.of, depth + 1);
  if ((plain.kind !== 'struct' && plain.kind !== 'union') || depth > DEPTH_LIMIT) return false;
  return recordMembers(plain).some(member => hasFloat(member.type, depth + 1));
}
