import { bare, type CType, sizeOf, typeToC } from '../../ctype/index.ts';
import type { Offset, SourceText } from '../../preprocessor/index.ts';
import type { Expression } from '../../program/index.ts';
import { type KernelNames, resolveFunction } from '../names/index.ts';
import type {
  CalledFunction,
  Initialisation,
  MarshalledValue,
  TypedExpression,
  TypedWatch,
  Variable,
} from '../tree/index.ts';
import { Definitions } from './definitions.ts';
import { Diagnostics } from './diagnostics.ts';
import { OwnFunctions } from './own-functions.ts';
import { Questions } from './questions.ts';
import { Scope } from './scope.ts';
import { WatchBodies } from './watch-bodies.ts';

/** Space for the variables of a program, in bytes; they are part of the module. */
const VARIABLES_LIMIT_BYTES = 64 << 10;

type StatementExpression = Extract<Expression, { kind: 'statements' }>;

/**
 * What the parts of a check share: the kernel's names, the names and types that the program has declared so
 * far, its diagnostics, and what the checked part of the program does.
 */
export class CheckContext {
  readonly names: KernelNames;
  readonly diagnostics: Diagnostics;
  readonly scope = new Scope();
  readonly definitions = new Definitions();
  readonly functions = new OwnFunctions((...variable) => this.#makeVariable(...variable));
  readonly watchBodies = new WatchBodies(this.functions);
  /** The watches of the program, in the order of the text. */
  readonly watches: TypedWatch[] = [];
  /** Initialisations of `static` variables. They run once, before everything else. */
  readonly statics: Initialisation[] = [];
  /** The values of each `report`, in the order of the text. */
  readonly rows: (readonly MarshalledValue[])[] = [];
  /** Whether the program writes to anything but its own variables. */
  writes = false;
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
  readonly questions: Questions;
  readonly #source: SourceText;
  readonly #callees = new Map<string, CalledFunction>();
  #variableBytes = 0;

  /** With `questions`, those that were asked before are kept. */
  constructor(source: SourceText, names: KernelNames, questions = new Questions(names)) {
    this.names = names;
    this.#source = source;
    this.questions = questions;
    this.diagnostics = new Diagnostics(source);
  }

  /** What this kernel answers to a question of the program. */
  ask({ question, text, at }: Extract<Expression, { kind: 'presence' }>): bigint {
    return this.questions.ask(this.#source, question, text, at);
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
    const lists = [this.diagnostics.warnings, this.rows, this.statics, this.watches];
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
    this.#variableBytes += (sizeBytes ?? 0) + 8;
    if (sizeBytes === undefined || this.#variableBytes > VARIABLES_LIMIT_BYTES) {
      const message = `with '${name}', the variables of this program need more than ${VARIABLES_LIMIT_BYTES} bytes`;
      throw this.diagnostics.error('PROGRAM_TOO_LARGE', at, message);
    }
    return { name, type, sizeBytes };
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
