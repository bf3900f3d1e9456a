import type { Btf } from '../../agent/compiler/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/** Length of the value of a fact: 128 bits of a SHA-256. */
const DIGEST_CHARS = 32;

/** Digests of a type: as it is seen from outside, and with what is inside of it. */
export interface DescribedType {
  readonly head: string | undefined;
  readonly body: string | undefined;
}

/**
 * A type in words that do not change with the slice that it stands in; nothing of one that is only referred
 * to. `original` gives the number that a type has in the whole BTF.
 */
export function describeType(btf: Btf, id: number, original: (id: number) => number): DescribedType {
  const kind = btf.kind(id);
  const isPlaceholder = kind === KIND.FWD && btf.name(id) === '';
  if (isPlaceholder) return { head: undefined, body: undefined };
  const word = REFERRING.has(kind) ? original(btf.target(id)) : btf.size(id);
  const head = [kind, btf.name(id), btf.kindFlag(id), word, extra(btf, id, original)];
  const parts = partsOf(btf, id, original);
  return { head: short(head), body: parts.length > 0 ? short(parts) : undefined };
}

const KIND = { INT: 1, ARRAY: 3, STRUCT: 4, UNION: 5, ENUM: 6, FWD: 7, FUNC_PROTO: 13, ENUM64: 19 };
/** PTR, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, VAR, DECL_TAG, TYPE_TAG */
const REFERRING: ReadonlySet<number> = new Set([2, 8, 9, 10, 11, 12, 13, 14, 17, 18]);

function extra(btf: Btf, id: number, original: (id: number) => number): readonly unknown[] {
  const kind: number = btf.kind(id);
  if (kind === KIND.INT) return Object.values(btf.intEncoding(id));
  if (kind !== KIND.ARRAY) return [];
  const { element, count } = btf.array(id);
  return [original(element), count];
}

function partsOf(btf: Btf, id: number, original: (id: number) => number): readonly unknown[] {
  const kind: number = btf.kind(id);
  if (kind === KIND.STRUCT || kind === KIND.UNION)
    return btf.members(id).map(each => [each.name, original(each.type), each.bitOffset, each.bitWidth]);
  if (kind === KIND.ENUM || kind === KIND.ENUM64)
    return btf.enumerators(id).map(({ name, value }) => [name, value.toString()]);
  if (kind === KIND.FUNC_PROTO) return btf.params(id).map(({ name, type }) => [name, original(type)]);
  return [];
}

function short(value: readonly unknown[]): string {
  return Buffer.from(sha256(Buffer.from(JSON.stringify(value))))
    .toString('hex')
    .slice(0, DIGEST_CHARS);
}
