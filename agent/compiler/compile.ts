import type { Effect } from '../../shared/messages/index.ts';
import type { Btf } from './btf/index.ts';
import { type Callee, type CheckedProgram, checkProgram, KernelNames, type Warning } from './check/index.ts';
import { backEndFor, type FindFunction, layoutData } from './codegen/index.ts';
import { BtfTypes, prototypeToC } from './ctype/index.ts';
import type { ModuleAbi, SymbolTable } from './facts/index.ts';
import { type IrProgram, lowerProgram } from './ir/index.ts';
import {
  buildModule,
  type FaultHandler,
  faultHandler,
  type StructModuleLayout,
  structModuleLayout,
} from './kmodule/index.ts';
import { RESULT_ADDRESS } from './loader/index.ts';
import { parseProgram } from './program/index.ts';
import { type ProgramEnd, readResultArea } from './result/index.ts';

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
  /** What it may do at most: write to kernel memory, call functions (which may do anything), or only read. */
  readonly effect: Effect;
  readonly callees: readonly CompiledCallee[];
  /** Size of the result area that the module copies out. */
  readonly resultBytes: number;
  /** What a C compiler would warn about. */
  readonly warnings: readonly Warning[];
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
  /**
   * Types of a loaded module, split BTF over `btf`; undefined where it is not loaded, or has none. Asked at each mention:
   * the same object says that the module is still the same.
   */
  readonly moduleBtf?: (module: string) => Btf | undefined;
}

/** Compiles call programs for one kernel. Pure: bytes and facts in, an image or a FarcallError out. */
export class Compiler {
  readonly #input: CompilerInput;
  #types: BtfTypes | undefined;
  readonly #moduleTypes = new WeakMap<Btf, BtfTypes>();
  #layout: StructModuleLayout | undefined;
  #faultHandler: FaultHandler | undefined;

  constructor(input: CompilerInput) {
    this.#input = input;
  }

  /**
   * Compiles `program` to a module named `moduleName`: parse, check against BTF, lower, generate, wrap. The same program,
   * name and kernel give the same bytes. Throws PROGRAM_*, SYMBOL_* with the place, or KERNEL_LACKS.
   */
  compile(program: string, moduleName: string): CompiledCall {
    const { arch, abi, symbols } = this.#input;
    const names = this.#names(program);
    const checked = checkProgram(program, parseProgram(program, names.isTypedef), names);
    const ir = lowerProgram(checked);
    const code = backEndFor(arch).generate({
      program: ir,
      findFunction: this.#findFunction,
      userAddress: RESULT_ADDRESS,
    });
    const image = buildModule({
      arch,
      name: moduleName,
      code,
      abi,
      layout: this.#moduleLayout(),
      faultHandler: () => this.#exceptionHandler(),
    });
    const { result, rows, warnings, callees } = checked;
    return {
      image,
      moduleName,
      effect: effectOf(checked),
      callees: callees.map(describeCallee),
      resultBytes: layoutData(ir).resultBytes,
      warnings,
      ir,
      text: code.text,
      readResult: area => readResultArea({ area, program, result, rows, symbols }),
    };
  }

  #names(program: string): KernelNames {
    const mentioned = new Set([...program.matchAll(/@\s*([A-Za-z0-9_]+)/g)].map(([, name]) => name!));
    return new KernelNames({
      types: this.#kernelTypes(),
      symbols: this.#input.symbols,
      moduleTypes: name => this.#typesOfModule(name),
      mentioned: [...mentioned],
    });
  }

  #typesOfModule(name: string): BtfTypes | undefined {
    const btf = this.#input.moduleBtf?.(name);
    if (!btf) return undefined;
    const types = this.#moduleTypes.get(btf) ?? this.#typesOf(btf);
    this.#moduleTypes.set(btf, types);
    return types;
  }

  #kernelTypes(): BtfTypes {
    this.#types ??= this.#typesOf(this.#input.btf);
    return this.#types;
  }

  #typesOf(btf: Btf): BtfTypes {
    return new BtfTypes(btf, { charIsSigned: backEndFor(this.#input.arch).charIsSigned });
  }

  #moduleLayout(): StructModuleLayout {
    this.#layout ??= structModuleLayout(this.#input.btf);
    return this.#layout;
  }

  #exceptionHandler(): FaultHandler {
    this.#faultHandler ??= faultHandler(this.#input.btf, this.#input.symbols);
    return this.#faultHandler;
  }

  readonly #findFunction: FindFunction = name => {
    const symbol = this.#input.symbols.lookup(name).find(({ module }) => module === undefined);
    return symbol && { name, address: symbol.address };
  };
}

function effectOf({ writes, calls }: CheckedProgram): Effect {
  if (writes) return 'write';
  return calls ? 'call' : 'read';
}

function describeCallee({ name, module, address, type }: Callee): CompiledCallee {
  return { name, module, address, prototype: prototypeToC(name, type) };
}
