import type { FarcallError } from '../../../../shared/errors/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { OwnCall, OwnFunction, Variable } from '../tree/index.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { OwnFunctions } from './own-functions.ts';

/** The body of a watch while it is checked. */
interface OpenBody {
  hasHit: boolean;
}

/**
 * What is known of the bodies of a program's watches. They run at the entry of a function, on any CPU and on
 * several at once, where nothing may sleep or take a lock.
 */
export class WatchBodies {
  /** Variables of the program itself, as all bodies and the program see them. */
  readonly shared = new Set<Variable>();
  readonly #functions: OwnFunctions;
  /** Calls that bodies make of functions of the program. */
  readonly #calls: OwnCall[] = [];
  #open: OpenBody | undefined;

  constructor(functions: OwnFunctions) {
    this.#functions = functions;
  }

  /** Whether what is checked stands in a body itself. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Runs `check` on the body of a watch; `hasHit` says whether it counts its hits itself. */
  within<T>(check: () => T): { readonly checked: T; readonly hasHit: boolean } {
    const open: OpenBody = { hasHit: false };
    this.#open = open;
    try {
      return { checked: check(), hasHit: open.hasHit };
    } finally {
      this.#open = undefined;
    }
  }

  /** The body has a `hit()`. */
  noteHit(): void {
    if (this.#open) this.#open.hasHit = true;
  }

  /** A variable was made. Those of a body are there once for each CPU that runs it. */
  noteVariable(variable: Variable): void {
    if (!this.#open && !this.#functions.current) this.shared.add(variable);
  }

  /** The body calls a function of the program. */
  noteCall(callee: OwnFunction, at: Offset): void {
    if (this.#open) this.#calls.push({ callee, at });
  }

  /**
   * What stands at `at` may not be in the body of a watch. Throws PROGRAM_UNSUPPORTED in one; a function that
   * is checked keeps it for those who call it from one.
   */
  refuse(diagnostics: Diagnostics, at: Offset, why: string): void {
    if (this.#open) throw diagnostics.error('PROGRAM_UNSUPPORTED', at, `${NOT_HERE}${why}`);
    const { current } = this.#functions;
    if (current) current.notInWatch ??= { at, why };
  }

  /** The first call in a body that comes to something that no body may do, once all functions are checked. */
  refusedCall(diagnostics: Diagnostics): FarcallError | undefined {
    const seen = new Set<OwnFunction>();
    for (const { callee, at } of this.#calls)
      for (const todo = [callee]; todo.length > 0; ) {
        const own = todo.pop()!;
        if (seen.has(own)) continue;
        seen.add(own);
        todo.push(...own.calls.map(call => call.callee));
        if (own.notInWatch)
          return diagnostics.error(
            'PROGRAM_UNSUPPORTED',
            at,
            `${NOT_HERE}'${own.name}' cannot be called: ${own.notInWatch.why}`,
          );
      }
    return undefined;
  }
}

const NOT_HERE = 'in the body of a watch, which runs where nothing may sleep or take a lock, ';
