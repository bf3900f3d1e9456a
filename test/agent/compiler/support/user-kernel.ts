import type { CompiledModule, Compiler, ProgramEnd } from '../../../../agent/compiler/index.ts';
import { BtfBuilder } from './btf-builder.ts';
import { kernelOf } from './kernel-of.ts';
import type { TestCpu } from './test-cpus.ts';
import { type Ran, UserSpace } from './user-space.ts';

/** The scalar types of C, as BTF and as C spell them. */
export const SCALARS = {
  bool: { c: '_Bool', btf: '_Bool', sizeBytes: 1, signed: false },
  i8: { c: 'signed char', btf: 'signed char', sizeBytes: 1, signed: true },
  u8: { c: 'unsigned char', btf: 'unsigned char', sizeBytes: 1, signed: false },
  i16: { c: 'short', btf: 'short int', sizeBytes: 2, signed: true },
  u16: { c: 'unsigned short', btf: 'short unsigned int', sizeBytes: 2, signed: false },
  i32: { c: 'int', btf: 'int', sizeBytes: 4, signed: true },
  u32: { c: 'unsigned int', btf: 'unsigned int', sizeBytes: 4, signed: false },
  i64: { c: 'long', btf: 'long int', sizeBytes: 8, signed: true },
  u64: { c: 'unsigned long', btf: 'long unsigned int', sizeBytes: 8, signed: false },
  ll: { c: 'long long', btf: 'long long int', sizeBytes: 8, signed: true },
  ull: { c: 'unsigned long long', btf: 'long long unsigned int', sizeBytes: 8, signed: false },
  color: { c: 'enum color', btf: 'color', sizeBytes: 4, signed: false },
  sign: { c: 'enum sign', btf: 'sign', sizeBytes: 4, signed: true },
} as const;

/** One of {@link SCALARS}. */
export type ScalarName = keyof typeof SCALARS;

/** A function without parameters that returns one value: `i8_min()`. */
export interface Getter {
  readonly name: string;
  readonly type: ScalarName;
  /** All bits of the value; what is above the size of the type is 0. */
  readonly bits: bigint;
}

/** Most arguments of the functions that write down what they were called with: `record0` to `record12`. */
export const MOST_ARGUMENTS = 12;

/** Results come with this in the bits above their size: nothing defines those. */
const GARBAGE = 0xdeadbeefcafef00dn;

/** Functions for programs to call, in a process instead of a kernel. */
export class UserKernel {
  readonly getters: readonly Getter[];
  readonly compiler: Compiler;
  readonly #space: UserSpace;
  readonly #record: { readonly address: bigint; readonly offset: number };

  constructor(cpu: TestCpu) {
    this.#space = new UserSpace(cpu);
    this.#record = this.#space.memory(8 * 16);
    this.getters = (Object.keys(SCALARS) as ScalarName[]).flatMap(gettersOf);
    const b = new BtfBuilder();
    const ids = typeIds(b);
    const text: Record<string, bigint> = {};
    for (const { name, type, bits } of this.getters) {
      b.func(name, ids[type]);
      text[name] = this.#getter(type, bits);
    }
    for (let count = 0; count <= MOST_ARGUMENTS; count++) {
      b.func(
        `record${count}`,
        ids.i64,
        numbered(count, () => ids.i64),
      );
      text[`record${count}`] = this.#recorder(count);
    }
    b.func('record_narrow', ids.i32, {
      a: ids.i8,
      b: ids.u8,
      c: ids.i16,
      d: ids.u16,
      e: ids.i32,
      f: ids.u32,
    });
    b.func('record_variadic', ids.i32, { a: ids.i8, '...': 0 });
    text['record_narrow'] = this.#recorder(6);
    text['record_variadic'] = this.#recorder(9);
    // An identity that counts its calls: what must not be evaluated is not.
    b.func('count', ids.i64, { value: ids.i64 });
    text['count'] = this.#space.define(this.#space.cpu.counter(this.#record.address + 8n * 15n));
    this.compiler = kernelOf(b, { arch: cpu.arch, text });
  }

  /** Compiles the programs, and runs them all in one process. */
  run(programs: readonly string[]): { ends: ProgramEnd[]; results: Ran[]; record: bigint[] } {
    return this.runCompiled(programs.map(program => this.compiler.compile(program, 'farcall_test')));
  }

  /** Runs what `compiler` made, all in one process. */
  runCompiled(compiled: readonly CompiledModule[]): { ends: ProgramEnd[]; results: Ran[]; record: bigint[] } {
    const { results, memory } = this.#space.run(compiled.map(({ ir }) => ir));
    const words = new BigInt64Array(memory.buffer, memory.byteOffset + this.#record.offset, 16);
    const ends = compiled.map(({ readResult }, index) => readResult(results[index]!.area));
    return { ends, results, record: [...words] };
  }

  #getter(type: ScalarName, bits: bigint): bigint {
    const shift = BigInt(SCALARS[type].sizeBytes * 8);
    return this.#space.define(this.#space.cpu.answer(BigInt.asUintN(64, bits | (GARBAGE << shift))));
  }

  /**
   * record[0] says how many vector registers are used; record[1] and on are the arguments. Returns how many
   * those are.
   */
  #recorder(count: number): bigint {
    return this.#space.define(this.#space.cpu.recorder(count, this.#record.address));
  }
}

function typeIds(b: BtfBuilder): Record<ScalarName, number> {
  const ids = Object.entries(SCALARS).map(([name, { btf, sizeBytes, signed }]) => {
    if (name === 'color') return [name, b.enumeration(btf, { RED: 0, GREEN: 1, BLUE: 2 })];
    if (name === 'sign') return [name, b.enumeration(btf, { MINUS: -1, PLUS: 1 }, true)];
    return [name, b.int(btf, sizeBytes, signed, name === 'bool')];
  });
  return Object.fromEntries(ids) as Record<ScalarName, number>;
}

/** The values at which arithmetic goes wrong, if it does. */
function gettersOf(type: ScalarName): Getter[] {
  const getter = (label: string, bits: bigint): Getter => ({ name: `${type}_${label}`, type, bits });
  const simple = [getter('zero', 0n), getter('one', 1n)];
  if (type === 'bool') return simple;
  const { sizeBytes } = SCALARS[type];
  const width = BigInt(sizeBytes * 8);
  return [
    ...simple,
    getter('seven', 7n),
    getter('ones', (1n << width) - 1n),
    getter('high', 1n << (width - 1n)),
    getter('low', (1n << (width - 1n)) - 1n),
    getter('some', BigInt.asUintN(Number(width), 0x9d3c5a6be1f08247n)),
  ];
}

function numbered<T>(count: number, value: (index: number) => T): Record<string, T> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, value(index)]));
}
