import { inputOf, type RecordedBuild } from '../../agent/compiler/index.ts';
import type { BuildFacts } from '../../shared/messages/index.ts';
import { describeType } from './describe-type.ts';

/**
 * What a module's facts say of the build of the kernel, by name and value: the same for every host that runs
 * this build, wherever KASLR put it. Addresses count from the start of the text; types are named by their
 * numbers. What modules of the kernel are and where they lie differs between hosts of one build, and is not
 * among them.
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
  const { kcfiEntryHash, kcfiReturnHash } = facts;
  if (kcfiEntryHash !== undefined || kcfiReturnHash !== undefined)
    lines.set('handlers', `${kcfiEntryHash ?? '-'} ${kcfiReturnHash ?? '-'}`);
  for (const { name, variants, found } of facts.symbols) {
    const own = found.filter(({ module }) => module === '');
    lines.set(`${variants ? 'variants' : 'symbol'} ${name}`, symbolAddressesText(own, textStart));
  }
  for (const { name, module, address } of facts.pointers.flatMap(({ functions }) => functions))
    if (module === '') lines.set(`function ${name} ${symbolAddressText(address, textStart)}`, 'is there');
  const { btf } = inputOf(facts);
  const original = (id: number): number => (id === 0 ? 0 : (ids[id - 1] ?? 0));
  for (const [name, found] of finds) lines.set(`types ${name}`, found.map(original).join(' '));
  for (let id = btf.firstId; id < btf.endId; id++) {
    const { head, body } = describeType(btf, id, original);
    if (head !== undefined) lines.set(`type ${original(id)}`, head);
    if (body !== undefined) lines.set(`inside ${original(id)}`, body);
  }
  return lines;
}

/** Symbols below are offsets within per-CPU memory, or absolute. */
const OFFSETS_END = 1n << 32n;

/** A symbol of the kernel, with its address in hex. */
export interface SymbolAddress {
  readonly name: string;
  readonly type: string;
  readonly address: string;
}

/** Where symbols of one name are, as a fact says it. */
export function symbolAddressesText(symbols: readonly SymbolAddress[], textStart: bigint): string {
  return symbols
    .map(each => `${each.name} ${each.type} ${symbolAddressText(each.address, textStart)}`)
    .sort()
    .join(', ');
}

/** Where one symbol is, as a fact says it: `+` and the distance from the start of the text. */
export function symbolAddressText(address: string, textStart: bigint): string {
  const at = BigInt(`0x${address}`);
  return at < OFFSETS_END ? `=${address}` : `+${BigInt.asUintN(64, at - textStart).toString(16)}`;
}
