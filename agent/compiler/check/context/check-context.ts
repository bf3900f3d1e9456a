import { bare, type CType, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset, SourceText } from '../../preprocessor/index.ts';
import type { Expression } from '../../program/index.ts';
import { type KernelNames, resolveFunction } from '../names/index.ts';
import type {
  CalledFunction,
  Initialisation,
  MarshalledValue,
  TypedDeny,
  TypedExpression,
  TypedWatch,
  Variable,
} from '../tree/index.ts';
import { Definitions } from './definitions.ts';
import { Diagnostics, type Warning } from './diagnostics.ts';
import { type KnownFunctions, OwnFunctions } from './own-functions.ts';
import { Parameters } from './parameters.ts';
import { type KernelAnswer, Questions } from './questions.ts';
import { Scope } from './scope.ts';
import { WatchBodies } from './watch-bodies.ts';

/** Space for the variables of a program, in bytes; they are part of the module. */
const VARIABLES_LIMIT_BYTES = 64 << 10;

type StatementExpression = Extract<Expression, { kind: 'statements' }>;

/** What stands before a program: the context in which it was checked, what it does, and its functions. */
export interface Before {
  readonly context: CheckContext;
  readonly effects: CheckEffects;
  readonly functions: KnownFunctions;
}

/** What a checked part of a program does and needs. */
export interface CheckEffects {
  readonly does: Record<'writes' | 'callsPointers' | 'takesLocks' | 'usesTasks' | 'usesRcu', boolean>;
  readonly callees: ReadonlyMap<string, CalledFunction>;
  readonly statics: readonly Initialisation[];
  /** Variables that bodies of watches share. */
  readonly shared: readonly Variable[];
  readonly warnings: readonly Warning[];
  readonly answers: readonly KernelAnswer[];
  readonly variableBytes: number;
}

/**
 * What the parts of a check share: the kernel's names, the names and types that the program has declared so
 * far, its diagnostics, and what the checked part of the program does.
 */
export class CheckContext {
  readonly names: KernelNames;
  readonly diagnostics: Diagnostics;
  readonly scope: Scope;
  readonly definitions: Definitions;
  readonly functions: OwnFunctions;
  readonly watchBodies: WatchBodies;
  /** The watches of the program, in the order of the text. */
  readonly watches: TypedWatch[] = [];
  /** Its denies, likewise. */
  readonly denies: TypedDeny[] = [];
  /** Initialisations of `static` variables. They run once, before everything else. */
  readonly statics: Initialisation[] = [];
  /** The values of each `report`, in the order of the text. */
  readonly rows: (readonly MarshalledValue[])[] = [];
  /** Whether the program writes to anything but its own variables. */
  writes = false;
  /** Whether the program is `undo("REQUEST")`. */
  undoes = false;
  /** Whether the program calls through a pointer. Its callee is then in no list of callees. */
  callsPointers = false;
  /** Whether the program uses `find_task` or `for_each_task`. */
  usesTasks = false;
  /** Whether the program takes locks by guards. That is a call, also where a kernel does nothing for it. */
  takesLocks = false;
  /** Whether the program uses `rcu_read_lock`. */
  usesRcu = false;
  /** Checks GNU's `({ … })`. The checker of statements sets it. */
  checkStatements: (expression: StatementExpression) => TypedExpression = ({ at }) => {
    throw this.diagnostics.typeError(at, 'statements are not allowed here');
  };
  /** Whether the library is checked, which may name its functions as it likes. */
  isLibrary = false;
  /** Values for the parameters of the program. */
  parameters = new Parameters();
  readonly questions: Questions;
  readonly source: SourceText;
  readonly #callees = new Map<string, CalledFunction>();
  #variableBytes = 0;

  /**
   * With `questions`, those that were asked before are kept. With `before`, what is declared there is known,
   * and nothing there changes by it.
   */
  constructor(source: SourceText, names: KernelNames, questions = new Questions(names), before?: Before) {
    this.names = names;
    this.source = source;
    this.questions = questions;
    this.diagnostics = new Diagnostics(source);
    this.scope = before?.context.scope.copy() ?? new Scope();
    this.definitions = before?.context.definitions ?? new Definitions();
    this.functions = new OwnFunctions((...variable) => this.#makeVariable(...variable), before?.functions);
    this.watchBodies = new WatchBodies(this.functions);
    if (before) this.take(before.effects, 0);
  }

  /** What the checked part does. */
  get effects(): CheckEffects {
    const { writes, callsPointers, takesLocks, usesTasks, usesRcu, statics, questions } = this;
    return {
      does: { writes, callsPointers, takesLocks, usesTasks, usesRcu },
      callees: new Map(this.#callees),
      statics: [...statics],
      shared: [...this.watchBodies.shared],
      warnings: [...this.diagnostics.warnings],
      answers: questions.answers,
      variableBytes: this.#variableBytes,
    };
  }

  /** Adds what was checked somewhere else, and is used at `at`. Throws PROGRAM_TOO_LARGE over the limit. */
  take({ does, callees, statics, shared, warnings, answers, variableBytes }: CheckEffects, at: Offset): void {
    for (const [key, is] of Object.entries(does)) this[key as keyof typeof does] ||= is;
    for (const [key, callee] of callees) if (!this.#callees.has(key)) this.#callees.set(key, callee);
    this.statics.push(...statics);
    for (const variable of shared) this.watchBodies.shared.add(variable);
    this.diagnostics.warnings.push(...warnings);
    this.questions.take(answers);
    this.#countBytes(variableBytes, 'the library', at);
  }

  /** What this kernel answers to a question of the program. */
  ask({ question, text, at }: Extract<Expression, { kind: 'presence' }>): bigint {
    return this.questions.ask(this.source, question, text, at);
  }

  /** The functions that the checked expressions call, each once, in the order of their first mention. */
  get callees(): readonly CalledFunction[] {
    return [...this.#callees.values()];
  }

  /**
   * Runs `check` on something that the program will not execute, such as the operand of sizeof. What `check`
   * finds about calls, writes, rows and warnings is dropped.
   */
  quietly<T>(check: () => T): T {
    const { writes, callsPointers, takesLocks, usesTasks, usesRcu } = this;
    const callees = [...this.#callees];
    const lists = [this.diagnostics.warnings, this.rows, this.statics, this.watches, this.denies];
    const lengths = lists.map(({ length }) => length);
    const result = this.functions.quietly(check);
    Object.assign(this, { writes, callsPointers, takesLocks, usesTasks, usesRcu });
    this.#callees.clear();
    for (const [key, callee] of callees) this.#callees.set(key, callee);
    for (const [index, list] of lists.entries()) list.length = lengths[index]!;
    return result;
  }

  /**
   * A new variable of the type. Throws PROGRAM_TYPE if the type has no size, PROGRAM_TOO_LARGE over the
   * limit.
   */
  newVariable(name: string, type: CType, at: Offset): Variable {
    const variable = this.#makeVariable(name, type, at);
    this.watchBodies.noteVariable(variable);
    return variable;
  }

  #makeVariable(name: string, type: CType, at: Offset): Variable {
    const sizeBytes = sizeOf(type);
    if (!sizeBytes && bare(type).kind !== 'struct')
      throw this.diagnostics.typeError(at, `'${name}' cannot be a variable: ${typeToC(type)} has no size`);
    this.#countBytes((sizeBytes ?? Number.POSITIVE_INFINITY) + 8, `'${name}'`, at);
    return { name, type, sizeBytes: sizeBytes! };
  }

  #countBytes(bytes: number, what: string, at: Offset): void {
    this.#variableBytes += bytes;
    if (this.#variableBytes <= VARIABLES_LIMIT_BYTES) return;
    const message = `with ${what}, the variables of this program need more than ${VARIABLES_LIMIT_BYTES} bytes`;
    throw this.diagnostics.error('PROGRAM_TOO_LARGE', at, message);
  }

  /** The function `name` of this kernel, or of one of its modules. Throws SYMBOL_* with the location. */
  resolveFunction(name: string, module: string | undefined, at: Offset): CalledFunction {
    const key = `${name}@${module ?? ''}`;
    const known = this.#callees.get(key);
    if (known) return known;
    const callee = this.diagnostics.located(at, () => resolveFunction(name, module, this.names));
    this.#callees.set(key, callee);
    return callee;
  }

  /** The callee that an address of a symbol is; undefined where it is the address of something else. */
  calleeAt({ symbol, address }: Extract<TypedExpression, { kind: 'address' }>): CalledFunction | undefined {
    return this.callees.find(callee => callee.name === symbol && callee.address === address);
  }

  /** Adds a function that the program declares itself to the callees. */
  declareFunction(callee: CalledFunction): void {
    this.#callees.set(`${callee.name}@extern`, callee);
  }
}
