import { FarcallError } from '../../../../shared/errors/index.ts';
import { bare } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { OwnFunction, Variable } from '../tree/index.ts';
import type { DeclaredFunction } from './declared-function.ts';

/** Functions that are there before the program, so that it need not make them. */
export interface KnownFunctions {
  own(declared: DeclaredFunction): OwnFunction | undefined;
}

/** Makes a variable of the program. */
type NewVariable = (name: string, type: Variable['type'], at: Offset) => Variable;

/**
 * The functions that one program defines and uses. What is never called is never checked, and costs nothing.
 */
export class OwnFunctions {
  /** Names of all functions that the program defines, wherever they stand. */
  readonly names = new Set<string>();
  /** Used ones, in the order of their first use; those behind the ones that are checked are still to be. */
  readonly used: { readonly declared: DeclaredFunction; readonly own: OwnFunction; readonly at: Offset }[] =
    [];
  readonly #made = new Map<DeclaredFunction, OwnFunction>();
  readonly #known: KnownFunctions | undefined;
  readonly #isUsed = new Set<DeclaredFunction>();
  readonly #newVariable: NewVariable;
  #quiet = 0;
  #within: OwnFunction | undefined;

  constructor(newVariable: NewVariable, known?: KnownFunctions) {
    this.#newVariable = newVariable;
    this.#known = known;
  }

  /** The function whose body is checked; undefined in the program itself. */
  get current(): OwnFunction | undefined {
    return this.#within;
  }

  /** Whether something has used the function. */
  isUsed(declared: DeclaredFunction): boolean {
    return this.#isUsed.has(declared);
  }

  /** The function, for a call at `at`. */
  use(declared: DeclaredFunction, at: Offset): OwnFunction {
    const own = this.#made.get(declared) ?? this.#known?.own(declared) ?? this.make(declared, at);
    if (this.#quiet > 0) return own;
    this.#within?.calls.push({ callee: own, at });
    if (!this.#isUsed.has(declared)) this.used.push({ declared, own, at });
    this.#isUsed.add(declared);
    return own;
  }

  /** Runs `work`, which uses nothing in earnest. */
  quietly<T>(work: () => T): T {
    this.#quiet++;
    try {
      return work();
    } finally {
      this.#quiet--;
    }
  }

  /** Runs `work`, the check of the body of `own`. */
  within<T>(own: OwnFunction, work: () => T): T {
    this.#within = own;
    try {
      return work();
    } finally {
      this.#within = undefined;
    }
  }

  /**
   * The calls by which a function comes back to itself, the first one included; undefined where none does. No
   * recursion here: programs may have long chains of functions.
   */
  circle(): { readonly path: readonly string[]; readonly at: Offset } | undefined {
    const done = new Set<OwnFunction>();
    for (const { own } of this.used) {
      const path = [{ own, next: 0 }];
      const open = new Set([own]);
      for (let top = done.has(own) ? undefined : path.at(-1); top; top = path.at(-1)) {
        const call = top.own.calls[top.next++];
        if (!call) {
          done.add(top.own);
          open.delete(top.own);
          path.pop();
        } else if (open.has(call.callee)) {
          const names = path.map(step => step.own.name);
          const from = path.findIndex(step => step.own === call.callee);
          return { path: [...names.slice(from), call.callee.name], at: call.at };
        } else if (!done.has(call.callee)) {
          open.add(call.callee);
          path.push({ own: call.callee, next: 0 });
        }
      }
    }
    return undefined;
  }

  /** A function whose body is still to be checked. Throws the error that stands in place of its type. */
  make(declared: DeclaredFunction, at: Offset): OwnFunction {
    const { name, type } = declared;
    if (type instanceof FarcallError) throw type;
    const { params, result } = type;
    const own: OwnFunction = {
      name,
      type,
      params: params.map(param => this.#newVariable(param.name, param.type, at)),
      result: bare(result).kind === 'void' ? undefined : this.#newVariable(`value of ${name}`, result, at),
      body: [],
      calls: [],
      notInWatch: undefined,
    };
    this.#made.set(declared, own);
    return own;
  }
}
