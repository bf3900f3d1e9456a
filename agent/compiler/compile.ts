import { FarcallError } from '../../shared/errors/index.ts';
import type { Effect } from '../../shared/messages/index.ts';
import type { Btf } from './btf/index.ts';
import { type Callee, checkProgram, KernelNames } from './check/index.ts';
import { backEndFor, layoutData } from './codegen/index.ts';
import { prototypeToC } from './ctype/index.ts';
import type { ModuleAbi, SymbolTable } from './facts/index.ts';
import { type CallTarget, type IrProgram, lowerProgram } from './ir/index.ts';
import { buildModule, type StructModuleLayout, structModuleLayout } from './kmodule/index.ts';
import { RESULT_ADDRESS } from './loader/index.ts';
import { parseProgram } from './program/index.ts';
import { type ProgramEnd, readResultArea } from './result/index.ts';

/** Names of the function that brings results to user space: since 5.8, and before. */
const COPY_TO_USER = ['copy_to_user_nofault', '__probe_user_write', 'probe_user_write'];

/** A function that a compiled program calls. */
export interface CompiledCallee {
  readonly name: string;
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
  readonly address: bigint;
  /** `int _printk(const char *fmt, ...)` */
  readonly prototype: string;
}

/** A call program, compiled for one kernel. */
export interface CompiledCall {
  /** The kernel module, unsigned. */
  readonly image: Uint8Array;
  readonly moduleName: string;
  /** What it may do at most. Everything that is loaded as a module counts as a call. */
  readonly effect: Effect;
  readonly callees: readonly CompiledCallee[];
  /** Size of the result area that the module copies out. */
  readonly resultBytes: number;
  readonly ir: IrProgram;
  /** The code of the init function alone, for a disassembler. */
  readonly text: Uint8Array;
  /** Reads the result area once it has come back. */
  readonly readResult: (area: Uint8Array) => ProgramEnd;
}

/** One kernel, as far as the compiler must know it. */
export interface CompilerInput {
  /** As `uname -m` says it. */
  readonly arch: string;
  readonly btf: Btf;
  readonly symbols: SymbolTable;
  readonly abi: ModuleAbi;
}

/** Compiles call programs for one kernel. Pure: bytes and facts in, an image or a FarcallError out. */
export class Compiler {
  readonly #input: CompilerInput;
  readonly #names: KernelNames;
  #layout: StructModuleLayout | undefined;
  #copyToUser: CallTarget | undefined;

  constructor(input: CompilerInput) {
    this.#input = input;
    this.#names = new KernelNames(input.btf, input.symbols);
  }

  /**
   * Compiles `program` to a module named `moduleName`: parse, check against BTF, lower, generate, wrap. The same program,
   * name and kernel give the same bytes. Throws PROGRAM_*, SYMBOL_* with the place, or KERNEL_LACKS.
   */
  compile(program: string, moduleName: string): CompiledCall {
    const { arch, abi, symbols } = this.#input;
    const parsed = parseProgram(program, this.#names.isTypedef);
    const { result, callees } = checkProgram(program, parsed, this.#names);
    const ir = lowerProgram(result);
    const code = backEndFor(arch).generate({
      program: ir,
      copyToUser: this.#copyToUserTarget(),
      userAddress: RESULT_ADDRESS,
    });
    const image = buildModule({ arch, name: moduleName, code, abi, layout: this.#moduleLayout() });
    return {
      image,
      moduleName,
      effect: 'call',
      callees: callees.map(describeCallee),
      resultBytes: layoutData(ir).resultBytes,
      ir,
      text: code.text,
      readResult: area => readResultArea({ area, program, result, symbols }),
    };
  }

  #moduleLayout(): StructModuleLayout {
    this.#layout ??= structModuleLayout(this.#input.btf);
    return this.#layout;
  }

  #copyToUserTarget(): CallTarget {
    this.#copyToUser ??= findFirst(COPY_TO_USER, this.#input.symbols);
    return this.#copyToUser;
  }
}

function findFirst(names: readonly string[], symbols: SymbolTable): CallTarget {
  for (const name of names) {
    const symbol = symbols.lookup(name)[0];
    if (symbol) return { name, address: symbol.address };
  }
  throw new FarcallError(
    'KERNEL_LACKS',
    `this kernel has none of ${names.join(', ')}: results cannot be brought back`,
  );
}

function describeCallee({ name, module, address, type }: Callee): CompiledCallee {
  return { name, module, address, prototype: prototypeToC(name, type) };
}
