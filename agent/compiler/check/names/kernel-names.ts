import { BTF_KIND, type BtfKind } from '../../btf/index.ts';
import { BASIC, type BtfTypes, type CType, type FunctionType, type IntType } from '../../ctype/index.ts';
import type { SymbolTable } from '../../facts/index.ts';
import { assemblerPrototype } from './assembler-functions.ts';
import { moduleOf } from './symbol-position.ts';

/** The letters that nm(1) has for text, and for weak text. */
const FUNCTION_LETTERS = /^[TtWw]$/;

/** Types and symbols of a kernel, for {@link KernelNames}. */
export interface KernelNamesInput {
  readonly types: BtfTypes;
  /** Whether bit fields without a name count for the alignment of structures that a program defines. */
  readonly unnamedBitFieldsAlign: boolean;
  readonly symbols: SymbolTable;
  /** As `uname -r` says it; undefined where it is not known. */
  readonly release?: string | undefined;
  /** Types of a loaded module; undefined where it is not loaded, or has none. */
  readonly moduleTypes: (module: string) => BtfTypes | undefined;
  /** The loaded modules that have types, by name; absent where nobody knows them. */
  readonly loadedModules?: (() => readonly string[]) | undefined;
  /** Names that a program may use and that are not the kernel's; absent where nobody suggests them. */
  readonly namesOfLibrary?: (() => readonly string[]) | undefined;
  /** Modules that the program names: their types are known by name too. */
  readonly mentioned: readonly string[];
}

/** Modules that an error names. */
const MODULES_NAMED = 3;

/** What a kernel has, by name: the ground on which one program is checked. */
export class KernelNames {
  readonly symbols: SymbolTable;
  readonly #input: KernelNamesInput;
  /** The kernel's types, then those of the modules that the program names. */
  readonly #everywhere: readonly BtfTypes[];

  constructor(input: KernelNamesInput) {
    this.#input = input;
    this.symbols = input.symbols;
    const modules = input.mentioned.map(input.moduleTypes).filter(types => types !== undefined);
    this.#everywhere = [input.types, ...modules];
  }

  /** Names of the library, for errors that suggest one. */
  get namesOfLibrary(): readonly string[] {
    return this.#input.namesOfLibrary?.() ?? [];
  }

  /** As `uname -r` says it; undefined where it is not known. */
  get release(): string | undefined {
    return this.#input.release;
  }

  /** Whether bit fields without a name count for the alignment of their structure. */
  get unnamedBitFieldsAlign(): boolean {
    return this.#input.unnamedBitFieldsAlign;
  }

  /** Plain `char`, as this kernel has it. */
  get char(): IntType {
    return this.#input.types.char;
  }

  /** Whether `name` is a typedef of this kernel. */
  isTypedef = (name: string): boolean => this.#find(name, BTF_KIND.TYPEDEF) !== undefined;

  /** The typedef `name`. */
  typedef(name: string): CType | undefined {
    return this.#find(name, BTF_KIND.TYPEDEF);
  }

  /** `struct name`, `union name` or `enum name`; a full definition before one that only names it. */
  tagged(tag: 'struct' | 'union' | 'enum', name: string): CType | undefined {
    if (tag === 'enum') return this.#find(name, BTF_KIND.ENUM) ?? this.#find(name, BTF_KIND.ENUM64);
    const full = this.#find(name, tag === 'struct' ? BTF_KIND.STRUCT : BTF_KIND.UNION);
    return full ?? this.#find(name, BTF_KIND.FWD);
  }

  /**
   * The prototypes that BTF has for a function `name`: the kernel's, or those of the module that holds it.
   */
  prototypes(name: string, module: string | undefined): FunctionType[] {
    const types = this.#typesOf(module);
    // Split BTF also finds the functions of its base; those are not the module's.
    const own = types?.btf
      .find(name, BTF_KIND.FUNC)
      .filter(id => moduleOf(module) === undefined || id >= types.btf.firstId);
    return (own ?? []).map(id => types!.prototype(id));
  }

  /**
   * Whether the kernel, or a module that is loaded or that the program names, has a function `name` or a
   * clone of one, by symbols or by BTF.
   */
  isFunction(name: string): boolean {
    const symbols = [...this.symbols.lookup(name), ...this.symbols.variants(name)];
    if (symbols.some(({ type }) => FUNCTION_LETTERS.test(type))) return true;
    return this.#everywhere.some(({ btf }) => btf.find(name, BTF_KIND.FUNC).length > 0);
  }

  /** Whether BTF has a function `name`. */
  hasPrototype(name: string, module: string | undefined): boolean {
    if (moduleOf(module) !== undefined) return this.prototypes(name, module).length > 0;
    if (this.#input.types.btf.find(name, BTF_KIND.FUNC).length > 0) return true;
    if (assemblerPrototype(name) && this.symbols.lookup(name).length > 0) return true;
    const holder = this.symbols.lookup(name)[0]?.module;
    return holder !== undefined && this.prototypes(name, holder).length > 0;
  }

  /**
   * Whether the module is in the kernel now, by its types or by the symbol `name` of it. A kernel tells of no
   * types of modules before 5.11; one that is loaded there and lacks the name counts as not loaded.
   */
  isLoaded(module: string, name: string): boolean {
    if (this.#input.moduleTypes(module)) return true;
    return this.symbols.lookup(name).some(each => each.module === module);
  }

  /** The type of a variable that BTF knows (kind VAR). */
  variable(name: string, module: string | undefined): CType | undefined {
    const types = this.#typesOf(module);
    const id = types?.btf.find(name, BTF_KIND.VAR)[0];
    return id === undefined ? undefined : types!.type(types!.btf.target(id));
  }

  /**
   * Whether the symbol lies among those that are there once for each CPU; BTF has no others on most kernels.
   */
  isPerCpu(address: bigint): boolean {
    const start = this.symbols.lookup('__per_cpu_start')[0]?.address;
    const end = this.symbols.lookup('__per_cpu_end')[0]?.address;
    return start === undefined || end === undefined || (address >= start && address < end);
  }

  /**
   * The loaded modules whose own types have `name`, for the error that this kernel has no such type: up to
   * three.
   */
  modulesWithType(name: string, kinds: readonly BtfKind[]): readonly string[] {
    const found: string[] = [];
    for (const module of this.#input.loadedModules?.() ?? []) {
      const btf = this.#input.moduleTypes(module)?.btf;
      if (btf && kinds.some(kind => btf.find(name, kind).some(id => id >= btf.firstId))) found.push(module);
      if (found.length === MODULES_NAMED) break;
    }
    return found;
  }

  /** The enumerator `name`, with the type that C gives it: `int` where that can hold it. */
  enumerator(name: string): { readonly type: CType; readonly value: bigint } | undefined {
    for (const { btf } of this.#everywhere) {
      const found = btf.findEnumerator(name);
      if (found) return { type: enumeratorType(found.value), value: found.value };
    }
    return undefined;
  }

  /** The types of the kernel itself, or of the module that stands behind an `@`. */
  #typesOf(module: string | undefined): BtfTypes | undefined {
    const holder = moduleOf(module);
    return holder === undefined ? this.#input.types : this.#input.moduleTypes(holder);
  }

  #find(name: string, kind: BtfKind): CType | undefined {
    for (const types of this.#everywhere) {
      const id = types.btf.find(name, kind)[0];
      if (id !== undefined) return types.type(id);
    }
    return undefined;
  }
}

/** The type of an enumerator: `int` where that holds it (C11 6.7.2.2; wider ones as gcc has them). */
export function enumeratorType(value: bigint): CType {
  if (value === BigInt.asIntN(32, value)) return BASIC.int;
  if (value === BigInt.asUintN(32, value)) return BASIC.uint;
  return value < 0n ? BASIC.long : BASIC.ulong;
}
