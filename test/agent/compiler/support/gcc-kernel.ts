import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BTF_KIND, BTF_KIND_EXTRA } from '../../../../agent/compiler/btf/kinds.ts';
import {
  Btf,
  Compiler,
  type CompilerInput,
  type KernelSymbol,
  type Memory,
  type PermittedFunctions,
  type PermittedInput,
  type ProgramEnd,
  permittedFunctions,
} from '../../../../agent/compiler/index.ts';
import { memoryOf } from './memory-of.ts';
import { symbolTable } from './small-kernel.ts';
import type { TestCpu } from './test-cpus.ts';

const SOURCES = join(import.meta.dirname, 'gcc-kernel');
const PROCESS_HEADER_BYTES = 8 + 8;
const LEFTOVER_BYTES = 40;

/** What one program did. */
export interface ProgramRun {
  /** What it copied out. */
  readonly area: Buffer;
  readonly end: ProgramEnd;
  /** `struct leftover` of gcc-kernel/kernel.h. */
  readonly leftover: Buffer;
  /** The wait status of its process: 0 unless it crashed. */
  readonly status: number;
}

/**
 * A kernel's stand-in made by gcc: its functions and data are C, its types come from gcc's own BTF, its
 * addresses from nm, and a small loader loads the modules. `more` is C that joins the rest.
 */
export class GccKernel {
  /** What the compiler knows of this kernel. */
  readonly compilerInput: CompilerInput;
  readonly compiler: Compiler;
  readonly #input: PermittedInput;
  readonly #cpu: TestCpu;
  readonly #directory = mkdtempSync(join(tmpdir(), 'farcall-gcc-'));

  /** `hidden`: functions that the kernel has, and does not tell of. */
  constructor(cpu: TestCpu, more = '', hidden: readonly string[] = []) {
    this.#cpu = cpu;
    const { arch, tools, gccFlags } = cpu;
    const [source, object, runner] = ['runner.c', 'runner.o', 'runner'].map(name => this.#path(name));
    const text = readFileSync(join(SOURCES, 'runner.c'), 'utf8');
    writeFileSync(source!, text.replace('#include "kernel.h"\n', `#include "kernel.h"\n${more}\n`));
    const flags = ['-gbtf', '-O0', '-fwrapv', '-w', '-fno-pie', ...gccFlags, `-I${SOURCES}`];
    execFileSync(`${tools}gcc`, [...flags, '-c', source!, '-o', object!]);
    execFileSync(`${tools}gcc`, ['-static', '-no-pie', object!, '-o', runner!]);
    execFileSync(`${tools}objcopy`, [`--dump-section=.BTF=${this.#path('btf')}`, object!]);
    const list = readSymbols(tools, runner!).filter(({ name }) => !hidden.includes(name));
    const byName = Map.groupBy(list, ({ name }) => name);
    const symbols = { ...symbolTable(list), lookup: (name: string) => byName.get(name) ?? [] };
    const abi = { vermagic: 'gcc', moduleLayoutCrc: undefined, kcfiInitHash: undefined };
    const btf = new Btf(uniqueStrings(readFileSync(this.#path('btf'))));
    this.compilerInput = { arch, btf, symbols, abi };
    this.compiler = new Compiler(this.compilerInput);
    const textSymbols = (): KernelSymbol[] => list.filter(({ type }) => /[TtWw]/.test(type));
    this.#input = { arch, btf, textSymbols, mayCall: { module: () => true, function: () => true } };
  }

  /** The functions that pointers may hold: all but those that are denied. */
  permitted(denied: readonly string[] = []): PermittedFunctions {
    const mayCall = {
      ...this.#input.mayCall,
      function: (names: readonly string[]) => !names.some(name => denied.includes(name)),
    };
    return permittedFunctions({ ...this.#input, mayCall });
  }

  /**
   * Compiles and runs the programs, each in a process of its own; with `together` in one process, which
   * programs need that neither crash nor leave anything behind.
   */
  run(programs: readonly string[], { together = false, permitted = this.permitted() } = {}): ProgramRun[] {
    const calls = programs.map(program => this.compiler.compile(program, 'farcall_test', permitted));
    const paths = calls.map(({ image }, index) => {
      const path = this.#path(`${index}.ko`);
      writeFileSync(path, image);
      return path;
    });
    const [program, ...args] = [
      ...[...this.#cpu.emulator, this.#path('runner'), ...(together ? ['--together'] : [])],
      ...paths,
    ];
    const output = execFileSync(program!, args, { maxBuffer: 256 << 20 });
    let at = 0;
    return calls.map(({ readResult, resultBytes }) => {
      const status = Number(output.readBigInt64LE(at + 8));
      const leftover = output.subarray(at + PROCESS_HEADER_BYTES, at + PROCESS_HEADER_BYTES + LEFTOVER_BYTES);
      const start = at + PROCESS_HEADER_BYTES + LEFTOVER_BYTES + 8;
      const size = Number(output.readBigUInt64LE(start - 8));
      at = start + size;
      const area = Buffer.alloc(resultBytes);
      output.copy(area, 0, start, start + size);
      return { area: area.subarray(0, size), end: readResult(area), leftover, status };
    });
  }

  /** The memory that a program finds when it starts. */
  memory(): Memory {
    const [program, ...args] = [...this.#cpu.emulator, this.#path('runner')];
    const output = execFileSync(program!, args, { maxBuffer: 64 << 20 });
    const pieces: { address: bigint; bytes: Buffer }[] = [];
    for (let at = 0; at < output.length; ) {
      const bytes = Number(output.readBigUInt64LE(at + 8));
      pieces.push({ address: output.readBigUInt64LE(at), bytes: output.subarray(at + 16, at + 16 + bytes) });
      at += 16 + bytes;
    }
    return memoryOf(pieces);
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

/**
 * Kernels' BTF has each string once, and names are found by that; gcc's has as many as there are uses. The
 * first of equal ones stands for all.
 */
function uniqueStrings(btf: Buffer): Buffer {
  const header = btf.readUInt32LE(4);
  const [types, typesEnd] = [
    header + btf.readUInt32LE(8),
    header + btf.readUInt32LE(8) + btf.readUInt32LE(12),
  ];
  const strings = header + btf.readUInt32LE(16);
  const first = new Map<string, number>();
  const texts = btf.toString('latin1', strings, strings + btf.readUInt32LE(20)).split('\0');
  for (let offset = 0, index = 0; index < texts.length; offset += texts[index++]!.length + 1)
    if (!first.has(texts[index]!)) first.set(texts[index]!, offset);
  const unify = (at: number): void => {
    const offset = btf.readUInt32LE(at);
    const text = btf.toString('latin1', strings + offset, btf.indexOf(0, strings + offset));
    btf.writeUInt32LE(first.get(text)!, at);
  };
  for (let at = types; at < typesEnd; ) {
    const info = btf.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const [fixed, each] = BTF_KIND_EXTRA[kind]!;
    const entries = at + 12 + fixed;
    unify(at);
    at = entries + (info & 0xffff) * each;
    if (kind === BTF_KIND.DATASEC) continue;
    for (let entry = entries; entry < at; entry += each) unify(entry);
  }
  return btf;
}

/** `0000000000401136 T twice` */
function readSymbols(tools: string, path: string): KernelSymbol[] {
  const lines = execFileSync(`${tools}nm`, [path], { encoding: 'utf8', maxBuffer: 64 << 20 }).split('\n');
  const renamed = new Map([
    ['__start_percpu', '__per_cpu_start'],
    ['__stop_percpu', '__per_cpu_end'],
  ]);
  return lines.flatMap(line => {
    const [address, type, name] = line.trim().split(' ');
    if (!address || !type || !name) return [];
    return { name: renamed.get(name) ?? name, type, module: undefined, address: BigInt(`0x${address}`) };
  });
}
