import type { Btf } from '../btf/index.ts';
import { KernelNames } from '../check/index.ts';
import { backEndFor } from '../codegen/index.ts';
import { BtfTypes } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { modulesNamedIn } from '../preprocessor/index.ts';

/** A kernel as far as programs are checked against it. */
export interface KernelViewInput {
  /** As `uname -m` says it. */
  readonly arch: string;
  readonly btf: Btf;
  readonly symbols: SymbolTable;
  /** As `uname -r` says it; undefined where it is not known. */
  readonly release?: string | undefined;
  /**
   * Types of a loaded module, split BTF over `btf`; undefined where it is not loaded, or has none. Asked at
   * each mention: the same object says that the module is still the same.
   */
  readonly moduleBtf?: (module: string) => Btf | undefined;
  /** The names of the loaded modules that have types. */
  readonly loadedModules?: () => readonly string[];
}

/** The names and types of one kernel, made when they are asked for and kept from one program to the next. */
export class KernelView {
  readonly #input: KernelViewInput;
  #types: BtfTypes | undefined;
  readonly #moduleTypes = new WeakMap<Btf, BtfTypes>();

  constructor(input: KernelViewInput) {
    this.#input = input;
  }

  /** The types of the kernel itself. */
  get types(): BtfTypes {
    this.#types ??= this.#typesOf(this.#input.btf);
    return this.#types;
  }

  /** What `program` can mean by its names: the kernel's own, and those of the modules that it names. */
  namesFor(program: string): KernelNames {
    return new KernelNames({
      types: this.types,
      unnamedBitFieldsAlign: backEndFor(this.#input.arch).unnamedBitFieldsAlign,
      symbols: this.#input.symbols,
      release: this.#input.release,
      moduleTypes: name => this.moduleTypes(name),
      loadedModules: this.#input.loadedModules,
      mentioned: modulesNamedIn(program),
    });
  }

  /** Types of a loaded module; undefined where it is not loaded, or has none. */
  moduleTypes(name: string): BtfTypes | undefined {
    const btf = this.#input.moduleBtf?.(name);
    if (!btf) return undefined;
    const types = this.#moduleTypes.get(btf) ?? this.#typesOf(btf);
    this.#moduleTypes.set(btf, types);
    return types;
  }

  #typesOf(btf: Btf): BtfTypes {
    return new BtfTypes(btf, { charIsSigned: backEndFor(this.#input.arch).charIsSigned });
  }
}
