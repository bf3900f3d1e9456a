import type { FarcallError } from '../../../../shared/errors/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { WatchMoment } from '../../program/index.ts';
import type { OwnCall, OwnFunction, Variable } from '../tree/index.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { OwnFunctions } from './own-functions.ts';

/** The body of a watch while it is checked. */
interface OpenBody {
  readonly moment: WatchMoment;
  /** Whether it runs behind the entry of the function. */
  readonly isInside: boolean;
  hasHit: boolean;
  isTimed: boolean;
}

/** What was found in a body. */
interface CheckedBody<T> extends Readonly<Pick<OpenBody, 'hasHit' | 'isTimed'>> {
  readonly checked: T;
}

/**
 * What is known of the bodies of a program's watches. They run where a function is entered or returns, on any
 * CPU and on several at once, where nothing may sleep or take a lock.
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

  /** Where the body runs that is checked; undefined outside of one. */
  get place(): Pick<OpenBody, 'moment' | 'isInside'> | undefined {
    return this.#open;
  }

  /**
   * Runs `check` on the body of a watch; `hasHit` says whether it counts its hits itself, `isTimed` whether
   * it asks how long the function took.
   */
  within<T>(place: Pick<OpenBody, 'moment' | 'isInside'>, check: () => T): CheckedBody<T> {
    const open: OpenBody = { ...place, hasHit: false, isTimed: false };
    this.#open = open;
    try {
      const checked = check();
      return { checked, hasHit: open.hasHit, isTimed: open.isTimed };
    } finally {
      this.#open = undefined;
    }
  }

  /** The body has a `hit()`. */
  noteHit(): void {
    if (this.#open) this.#open.hasHit = true;
  }

  /** The body asks how long the function took. False where no return is watched, so that nothing tells. */
  noteTimed(): boolean {
    if (this.#open?.moment !== 'return') return false;
    this.#open.isTimed = true;
    return true;
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
