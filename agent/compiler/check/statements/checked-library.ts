import { bare } from '../../ctype/index.ts';
import type { Source } from '../../preprocessor/index.ts';
import type { Statement } from '../../program/index.ts';
import { CheckContext, type CheckEffects, type DeclaredFunction, Questions } from '../context/index.ts';
import type { KernelNames } from '../names/index.ts';
import type { OwnFunction } from '../tree/index.ts';
import { checkBody } from './check-functions.ts';
import { StatementChecker } from './check-statement.ts';

/** The body of a function of the library, checked. */
export interface CheckedBody {
  /** What it does by itself, without the functions that it calls. */
  readonly effects: CheckEffects;
  /** Functions of the library that it calls, each once. */
  readonly callees: readonly DeclaredFunction[];
}

/**
 * A part of the library, checked against one kernel: its declarations at once, and each body when a program
 * first needs it. Any number of programs can stand behind it.
 *
 * Threat: a program that changes what a later one means, by what it completes or defines of the library. So
 * whatever is checked here has seen the library alone, and the library has nothing that is left to complete.
 */
export class CheckedLibrary {
  readonly #source: Source;
  readonly #names: KernelNames;
  readonly #context: CheckContext;
  readonly #effects: CheckEffects;
  readonly #declared: ReadonlySet<DeclaredFunction>;
  readonly #own = new Map<DeclaredFunction, OwnFunction>();
  readonly #bodies = new Map<DeclaredFunction, CheckedBody>();

  /** Throws PROGRAM_* and SYMBOL_* where what it declares cannot be. */
  constructor(source: Source, statements: readonly Statement[], names: KernelNames) {
    this.#source = source;
    this.#names = names;
    this.#context = new CheckContext(source, names);
    this.#context.isLibrary = true;
    this.#declare(statements);
    this.#declared = this.#finished();
    this.#effects = this.#context.effects;
  }

  /** A context for a program behind it. */
  contextFor(source: Source, names: KernelNames, questions: Questions): CheckContext {
    const before = { context: this.#context, effects: this.#effects, functions: this };
    return new CheckContext(source, names, questions, before);
  }

  /** The function, if it is one of the library. */
  own(declared: DeclaredFunction): OwnFunction | undefined {
    if (!this.#declared.has(declared)) return undefined;
    const own = this.#own.get(declared) ?? this.#context.functions.make(declared, declared.definition!.at);
    this.#own.set(declared, own);
    return own;
  }

  /**
   * The body of a function, if it is one of the library. Throws PROGRAM_* where this kernel lacks something.
   */
  body(declared: DeclaredFunction): CheckedBody | undefined {
    const known = this.#bodies.get(declared);
    if (known || !this.#declared.has(declared)) return known;
    const own = this.own(declared)!;
    own.calls.length = 0;
    const context = this.contextFor(this.#source, this.#names, new Questions(this.#names));
    checkBody(context, declared, own);
    const body = {
      effects: without(context.effects, this.#effects, own),
      callees: context.functions.used.map(used => used.declared),
    };
    this.#bodies.set(declared, body);
    return body;
  }

  /**
   * Threat: a library that does something. Approvers see it folded, as what is there to be used. So it can
   * only declare and define.
   */
  #declare(statements: readonly Statement[]): void {
    const { scope, functions, diagnostics } = this.#context;
    const checker = new StatementChecker(this.#context);
    for (const each of statements) if (each.kind === 'function') functions.names.add(each.name);
    for (const each of statements) {
      const typed = checker.check(each);
      if (typed.kind === 'block' && typed.statements.length === 0) continue;
      throw diagnostics.typeError(
        each.at,
        'the library can only declare and define; this would do something',
      );
    }
    scope.endLibrary();
  }

  /** Every function that it declares, each with a body. */
  #finished(): ReadonlySet<DeclaredFunction> {
    const { scope, diagnostics } = this.#context;
    const declared = new Set<DeclaredFunction>();
    for (const [name, binding] of scope.visible()) {
      if (binding.kind !== 'own-function') continue;
      if (!binding.declared.definition)
        throw diagnostics.typeError(0, `the library declares '${name}', but does not define it`);
      declared.add(binding.declared);
    }
    for (const [name, type] of scope.visibleTags()) {
      const plain = bare(type);
      if ((plain.kind === 'struct' || plain.kind === 'union') && plain.sizeBytes === undefined)
        throw diagnostics.typeError(0, `the library declares ${plain.kind} ${name}, but does not define it`);
    }
    return declared;
  }
}

/** What one body adds to what its library does. */
function without(
  effects: CheckEffects,
  library: CheckEffects,
  { params, result }: OwnFunction,
): CheckEffects {
  const variables = result ? [...params, result] : params;
  const ownBytes = variables.reduce((sum, { sizeBytes }) => sum + sizeBytes + 8, 0);
  return {
    ...effects,
    statics: effects.statics.slice(library.statics.length),
    warnings: effects.warnings.slice(library.warnings.length),
    variableBytes: effects.variableBytes - library.variableBytes + ownBytes,
  };
}
