import { type Btf, inputOf, type RecordedBuild } from '../../agent/compiler/index.ts';
import type { BuildFacts } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/** What the value of a fact is cut to: 128 bits of a SHA-256. */
const DIGEST_CHARS = 32;

/**
 * What a module's facts say of the build of the kernel, by name and value: the same for every host that runs this build,
 * wherever KASLR put it. Addresses count from the start of the text; types are named by their numbers. What modules of the
 * kernel are and where they lie differs between hosts of one build, and is not among them.
 */
export function kernelFactsOf(
  facts: BuildFacts,
  { finds }: Pick<RecordedBuild, 'finds'>,
  textStart: bigint,
): Map<string, string> {
  const { ids } = facts.types;
  const lines = new Map<string, string>([
    ['abi', `${facts.arch} ${facts.vermagic} ${facts.moduleLayoutCrc ?? '-'} ${facts.kcfiInitHash ?? '-'}`],
  ]);
  for (const { name, variants, found } of facts.symbols) {
    const own = found.filter(({ module }) => module === '');
    const places = own.map(each => `${each.name} ${each.type} ${place(each.address, textStart)}`).sort();
    lines.set(`${variants ? 'variants' : 'symbol'} ${name}`, places.join(', '));
  }
  const { btf } = inputOf(facts);
  const original = (id: number): number => (id === 0 ? 0 : (ids[id - 1] ?? 0));
  for (const [name, found] of finds) lines.set(`types ${name}`, found.map(original).join(' '));
  for (let id = btf.firstId; id < btf.endId; id++) {
    const { head, body } = describe(btf, id, original);
    if (head !== undefined) lines.set(`type ${original(id)}`, short(head));
    if (body !== undefined) lines.set(`inside ${original(id)}`, short(body));
  }
  return lines;
}

/** Symbols below are offsets within per-CPU memory, or absolute. */
const OFFSETS_END = 1n << 32n;

function place(address: string, textStart: bigint): string {
  const at = BigInt(`0x${address}`);
  return at < OFFSETS_END ? `=${address}` : `+${BigInt.asUintN(64, at - textStart).toString(16)}`;
}

interface Described {
  readonly head: readonly unknown[] | undefined;
  readonly body: readonly unknown[] | undefined;
}

/** A type in words that do not change with the slice that it stands in; nothing of one that is only referred to. */
function describe(btf: Btf, id: number, original: (id: number) => number): Described {
  const kind = btf.kind(id);
  const isPlaceholder = kind === KIND.FWD && btf.name(id) === '';
  if (isPlaceholder) return { head: undefined, body: undefined };
  const word = REFERRING.has(kind) ? original(btf.target(id)) : btf.size(id);
  const head = [kind, btf.name(id), btf.kindFlag(id), word, extra(btf, id, original)];
  const parts = partsOf(btf, id, original);
  return { head, body: parts.length > 0 ? parts : undefined };
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
