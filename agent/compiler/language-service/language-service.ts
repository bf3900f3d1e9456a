import { FarcallError } from '../../../shared/errors/index.ts';
import type { CompletionList, Diagnostic, Effect } from '../../../shared/messages/index.ts';
import { type CheckedProgram, diagnoseProgram, effectOf, type Warning } from '../check/index.ts';
import { KernelView, type KernelViewInput, type ReadProgram } from '../compile/index.ts';
import { type CompletionPosition, complete, KernelIndex } from '../completion/index.ts';
import { prototypeToC, typeToC } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { lowerProgram } from '../ir/index.ts';
import type { NamedSymbol, NamedSymbols } from '../named-symbols/index.ts';
import { parseWithErrors } from '../program/index.ts';

/** A kernel as it is known away from its host: types and names, without addresses. */
export interface LanguageServiceInput extends KernelViewInput {
  readonly symbols: NamedSymbols;
}

/** The result of checking a program. */
export interface ProgramAnalysis {
  /** In the order of their location. An error that only follows from another one is left out. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of the value that it returns; undefined where it has none, or is wrong. */
  readonly resultType: string | undefined;
  readonly effect: Effect | undefined;
  /** Whether it calls, or passes on, a pointer whose function it does not name. */
  readonly indirectCalls: boolean;
  /** Prototypes of the functions that it calls. */
  readonly callees: readonly string[];
}

/** A function of a kernel. */
export interface KernelFunction {
  readonly name: string;
  /** The module that holds it; empty for the kernel itself. */
  readonly module: string;
  /** Empty where no type information says how to call it. */
  readonly prototype: string;
  /** Why a program cannot call it; empty where it can. */
  readonly note: string;
}

/**
 * Checks and completes a program for one kernel while its author writes it. The answers are advice only: the
 * host decides, against its own kernel, what it runs.
 */
export class LanguageService {
  readonly #input: LanguageServiceInput;
  readonly #view: KernelView;
  /**
   * The same kernel without similar names, for completion, which drops the errors that would suggest them.
   */
  readonly #quiet: KernelView;
  #index: KernelIndex | undefined;

  constructor(input: LanguageServiceInput) {
    this.#input = input;
    this.#view = new KernelView(input);
    this.#quiet = new KernelView({
      ...input,
      symbols: withoutSimilar(input.symbols),
      namesOfLibrary: () => [],
    });
  }

  /** How many functions the types of this kernel know. */
  get functionCount(): number {
    return this.#names.functionCount;
  }

  /**
   * Checks `program` and goes on after errors: with the next statement, or where one cannot be read, with the
   * next outermost one.
   */
  check(program: string): ProgramAnalysis {
    const read = this.#read(program);
    if (read instanceof FarcallError)
      return { diagnostics: [diagnosticOfError(program, read)], ...described(undefined) };
    const { names, preprocessed, isTypedef, ...known } = read;
    const { statements, errors } = parseWithErrors(preprocessed, isTypedef);
    const diagnosis = diagnoseProgram(preprocessed.source, statements, names, known);
    const wrong = [...errors, ...diagnosis.errors];
    if (wrong.length === 0 && statements.length === 0) wrong.push(EMPTY);
    const diagnostics = [
      ...wrong.map(error => diagnosticOfError(program, error)),
      ...diagnosis.warnings.map(warning => diagnosticOfWarning(program, warning)),
    ].sort((one, other) => one.line - other.line || one.column - other.column);
    const checked = wrong.length === 0 ? diagnosis.checked : undefined;
    return { diagnostics, ...described(checked) };
  }

  /** What the program is behind its preprocessor, or why it cannot even be taken apart. */
  #read(program: string): ReadProgram | FarcallError {
    try {
      return this.#view.read(program);
    } catch (thrown) {
      if (!(thrown instanceof FarcallError) || thrown.code === 'INTERNAL') throw thrown;
      return thrown;
    }
  }

  /** Candidates for how a program goes on at a position. */
  complete(position: CompletionPosition): CompletionList {
    return complete(position, { names: this.#quiet.namesFor(position.program), index: this.#names });
  }

  /** The functions whose names `matches`, by name; those of loaded modules too, each of them for itself. */
  *functions(matches: (name: string) => boolean): Generator<KernelFunction> {
    let same: NamedSymbol[] = [];
    for (const symbol of this.#input.symbols.withPrefix('')) {
      const [first] = same;
      if (first && (first.name !== symbol.name || first.module !== symbol.module)) {
        yield this.#function(first, same);
        same = [];
      }
      const isFunction = symbol.kind === 'f' || symbol.kind === 'i';
      if (isFunction && !symbol.name.includes('.') && matches(symbol.name)) same.push(symbol);
    }
    if (same[0]) yield this.#function(same[0], same);
  }

  /** Names of this kernel that are near to `name`, the nearest first. */
  similar(name: string, limit: number): readonly string[] {
    return this.#input.symbols.similar(name, limit);
  }

  /** The same answers as `resolveFunction` gives, from names that are in order, since many are asked for. */
  #function({ name, module, kind }: NamedSymbol, same: readonly NamedSymbol[]): KernelFunction {
    const prototypes = this.#names.prototypes(name, module);
    const about = { name, module: module ?? '', prototype: prototypes[0] ?? '' };
    if (same.length > 1) return { ...about, note: `${same.length} of this name` };
    if (prototypes.length > 1) return { ...about, prototype: '', note: `${prototypes.length} prototypes` };
    if (kind === 'i') return { ...about, note: 'only while the kernel started' };
    return { ...about, note: prototypes.length === 0 ? 'no type: declare it' : '' };
  }

  get #names(): KernelIndex {
    this.#index ??= new KernelIndex(this.#view.types, this.#input.symbols, name =>
      this.#view.moduleTypes(name),
    );
    return this.#index;
  }
}

const EMPTY = new FarcallError('PROGRAM_SYNTAX', 'the program is empty');

/** The type of the value; where it may be of several, all of them. */
function typesOf(results: CheckedProgram['results']): string | undefined {
  const types = new Set([...results.values()].map(({ type }) => typeToC(type)));
  return types.size === 0 ? undefined : [...types].join(' or ');
}

function described(checked: CheckedProgram | undefined): Omit<ProgramAnalysis, 'diagnostics'> {
  if (!checked) return { resultType: undefined, effect: undefined, indirectCalls: false, callees: [] };
  return {
    resultType: typesOf(checked.results),
    effect: effectOf(checked),
    indirectCalls: hasIndirectCalls(checked),
    callees: checked.callees.map(({ name, type }) => prototypeToC(name, type)),
  };
}

/** As on a host, the IR tells. A program that cannot be lowered for this kernel does not run there. */
function hasIndirectCalls(checked: CheckedProgram): boolean {
  try {
    return lowerProgram(checked).pointerChecks.some(({ isNamed }) => !isNamed);
  } catch (error) {
    if (error instanceof FarcallError) return false;
    throw error;
  }
}

function diagnosticOfError(program: string, { code, message, location }: FarcallError): Diagnostic {
  const said = message.split('\n')[0]!.replace(/^line \d+, column \d+: /, '');
  const where = location ? extent(program, location) : { line: 1, column: 1 };
  return { severity: 'error', ...where, code, message: said };
}

function diagnosticOfWarning(program: string, { line, column, message }: Warning): Diagnostic {
  return { severity: 'warning', ...extent(program, { line, column }), code: '', message };
}

/** The location, with the end of the identifier, number or operator that starts there. */
function extent(program: string, { line, column }: { readonly line: number; readonly column: number }) {
  const rest = program.split('\n')[line - 1]?.slice(column - 1) ?? '';
  const length = /^(?:[A-Za-z0-9_$]+|"(?:\\.|[^"\\])*"?|[^\sA-Za-z0-9_$"]{1,3})/.exec(rest)?.[0].length ?? 0;
  return length > 0 ? { line, column, endColumn: column + length } : { line, column };
}

/** To look for near names takes as long as all the rest of a completion. */
function withoutSimilar(symbols: SymbolTable): SymbolTable {
  return {
    lookup: name => symbols.lookup(name),
    variants: name => symbols.variants(name),
    similar: () => [],
    containing: () => undefined,
  };
}
