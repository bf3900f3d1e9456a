import type { Instruction, IrProgram, LocalOffset, Temp } from './blocks/index.ts';
import { accessesOf } from './blocks/index.ts';
import type { Region } from './lowering.ts';

const POINTER_BYTES = 8;

/** What one write to own memory leaves there; `unknown` for all that is not followed. */
interface MemoryWrite {
  readonly offset: LocalOffset;
  readonly bytes: number;
  readonly source: { readonly temp: Temp } | { readonly from: LocalOffset } | 'zero' | 'unknown';
}

type Definition =
  | { readonly value: bigint }
  | { readonly temp: Temp }
  | { readonly load: LocalOffset }
  | 'unknown';

/**
 * Finds the values that pointers in a program can have, by following constants through temporaries and
 * variables whose address is not taken. The answer says what the program does by its own text; nothing
 * depends on it but which functions a check permits, and the check then compares whatever is really there.
 */
export class PointerValues {
  readonly #definitions = new Map<Temp, Definition[]>();
  readonly #writes: MemoryWrite[] = [];
  readonly #addressTaken = new Set<Region>();
  readonly #regions: readonly Region[];

  constructor({ blocks }: IrProgram, regions: readonly Region[]) {
    this.#regions = regions;
    for (const { instructions } of blocks) for (const each of instructions) this.#learn(each);
  }

  /** Every value that `temp` can have; undefined where that is not known. */
  of(temp: Temp): ReadonlySet<bigint> | undefined {
    const found = new Set<bigint>();
    return this.#follow(temp, found, new Set()) ? found : undefined;
  }

  #learn(instruction: Instruction): void {
    const { writes, localWrites } = accessesOf(instruction);
    for (const temp of writes) {
      const known = this.#definitions.get(temp) ?? [];
      known.push(definitionOf(instruction));
      this.#definitions.set(temp, known);
    }
    if (instruction.op === 'local') this.#addressTaken.add(this.#regionAt(instruction.offset));
    for (const [offset, bytes] of localWrites)
      this.#writes.push({ offset, bytes, source: sourceOf(instruction) });
  }

  #regionAt(offset: LocalOffset): Region {
    return this.#regions.findLast(region => region.offset <= offset)!;
  }

  #follow(temp: Temp, found: Set<bigint>, seen: Set<string>): boolean {
    if (seen.has(`t${temp}`)) return true;
    seen.add(`t${temp}`);
    const definitions = this.#definitions.get(temp) ?? [];
    return definitions.every(definition => {
      if (definition === 'unknown') return false;
      if ('value' in definition) return Boolean(found.add(definition.value));
      if ('temp' in definition) return this.#follow(definition.temp, found, seen);
      return this.#followMemory(definition.load, found, seen);
    });
  }

  #followMemory(offset: LocalOffset, found: Set<bigint>, seen: Set<string>): boolean {
    if (seen.has(`m${offset}`)) return true;
    seen.add(`m${offset}`);
    if (this.#addressTaken.has(this.#regionAt(offset))) return false;
    const overlapping = this.#writes.filter(
      write => write.offset < offset + POINTER_BYTES && offset < write.offset + write.bytes,
    );
    return overlapping.every(write => {
      const covers = write.offset <= offset && offset + POINTER_BYTES <= write.offset + write.bytes;
      if (write.source === 'unknown' || !covers) return false;
      if (write.source === 'zero') return Boolean(found.add(0n));
      if ('from' in write.source)
        return this.#followMemory(write.source.from + offset - write.offset, found, seen);
      return write.offset === offset && this.#follow(write.source.temp, found, seen);
    });
  }
}

function definitionOf(instruction: Instruction): Definition {
  switch (instruction.op) {
    case 'const':
      return { value: instruction.value };
    case 'copy':
      return { temp: instruction.from };
    case 'load':
      return instruction.bytes === POINTER_BYTES ? { load: instruction.offset } : 'unknown';
    default:
      return 'unknown';
  }
}

function sourceOf(instruction: Instruction): MemoryWrite['source'] {
  switch (instruction.op) {
    case 'store':
      return instruction.bytes === POINTER_BYTES ? { temp: instruction.from } : 'unknown';
    case 'move':
      return { from: instruction.from };
    case 'zero':
      return 'zero';
    default:
      return 'unknown';
  }
}
