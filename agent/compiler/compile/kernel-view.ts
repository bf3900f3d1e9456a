import { splitText } from '../../../shared/library/index.ts';
import type { Btf } from '../btf/index.ts';
import {
  type CheckedLibrary,
  KernelNames,
  type KernelNamesInput,
  type ParameterValues,
  Questions,
  readParameterValues,
} from '../check/index.ts';
import { backEndFor } from '../codegen/index.ts';
import { BtfTypes } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { modulesNamedIn, type Preprocessed, preprocessAfter } from '../preprocessor/index.ts';
import type { IsTypedef } from '../program/index.ts';
import { LibraryCache } from './library-cache.ts';

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
  /** Names of the library, for errors that suggest one. */
  readonly namesOfLibrary?: () => readonly string[];
}

/** A program behind its preprocessor, and by what it is to be parsed and checked. */
export interface ReadProgram {
  readonly preprocessed: Preprocessed;
  readonly names: KernelNames;
  readonly questions: Questions;
  readonly isTypedef: IsTypedef;
  readonly library: CheckedLibrary | undefined;
  /** Values for the parameters of the program. */
  readonly values: ParameterValues | undefined;
}

/** The names and types of one kernel, made when they are asked for and kept from one program to the next. */
export class KernelView {
  readonly #input: KernelViewInput;
  #types: BtfTypes | undefined;
  readonly #moduleTypes = new WeakMap<Btf, BtfTypes>();
  readonly #libraries = new LibraryCache();

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
    return new KernelNames(this.#namesInput(program));
  }

  /**
   * Runs the preprocessor over `text`, a program that may have a library before it, with what this kernel has
   * made of that library before. Throws PROGRAM_* with the location.
   */
  read(text: string): ReadProgram {
    const { values: given, library: before, program } = splitText(text);
    const values = given === undefined ? undefined : readParameterValues(given);
    const input = this.#namesInput(before + program);
    const names = new KernelNames(input);
    const questions = new Questions(names);
    const library = this.#libraries.ready(before, input);
    if (library) questions.take(library.questions.answers);
    const preprocessed = preprocessAfter(library?.prepared, program, {
      ask: (...asked) => questions.ask(program, ...asked),
      isFunction: name => names.isFunction(name),
    });
    const isTypedef = library?.parsed.isTypedef ?? names.isTypedef;
    return { preprocessed, names, questions, isTypedef, library: library?.checked, values };
  }

  #namesInput(program: string): KernelNamesInput {
    return {
      types: this.types,
      unnamedBitFieldsAlign: backEndFor(this.#input.arch).unnamedBitFieldsAlign,
      symbols: this.#input.symbols,
      release: this.#input.release,
      moduleTypes: name => this.moduleTypes(name),
      loadedModules: this.#input.loadedModules,
      namesOfLibrary: this.#input.namesOfLibrary,
      mentioned: modulesNamedIn(program),
    };
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
