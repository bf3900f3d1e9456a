import type { Statement } from '../../program/index.ts';
import type { CheckContext, ErrorRecovery } from '../context/index.ts';
import type { Guard } from '../tree/index.ts';
import { checkGuard } from './check-guard.ts';

/** More than kernel code ever holds. */
const GUARDS_LIMIT = 32;

/** The guards whose locks are held where a statement is checked. */
export class GuardScope {
  readonly #context: CheckContext;
  readonly #recovery: ErrorRecovery | undefined;
  readonly #held: Guard[] = [];

  constructor(context: CheckContext, recovery: ErrorRecovery | undefined) {
    this.#context = context;
    this.#recovery = recovery;
  }

  /** The innermost last. */
  get held(): readonly Guard[] {
    return this.#held;
  }

  /** A new guard, or undefined where it has an error that was noted. */
  make(statement: Extract<Statement, { kind: 'guard' | 'scoped-guard' }>): Guard | undefined {
    const make = (): Guard => {
      const { diagnostics, watchBodies } = this.#context;
      watchBodies.refuse(diagnostics, statement.at, 'no lock can be taken');
      if (this.#held.length < GUARDS_LIMIT) return checkGuard(this.#context, statement);
      const message = `a program holds at most ${GUARDS_LIMIT} locks at once`;
      throw this.#context.diagnostics.typeError(statement.at, message);
    };
    return this.#recovery ? this.#recovery.attempt(make) : make();
  }

  /** Runs `check` on what is done while the guard holds its lock. */
  within<T>(guard: Guard, check: () => T): T {
    const held = this.#held.length;
    this.#held.push(guard);
    const checked = check();
    this.#held.length = held;
    return checked;
  }

  /** After an error: only so many are held. */
  backTo(held: number): void {
    this.#held.length = held;
  }
}
