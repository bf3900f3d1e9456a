import { FarcallError } from '../../../../shared/errors/index.ts';
import type { Statement } from '../../program/index.ts';

/** Most errors that one check reports. */
const ERRORS_LIMIT = 100;

/** Collects the errors of a program whose check goes on after each. */
export class ErrorRecovery {
  readonly errors: FarcallError[] = [];
  readonly #lines: readonly string[];
  /** Names whose declaration failed: that they are unknown afterwards is no error of its own. */
  readonly #failed = new Set<string>();

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  /** What `work` gives; undefined where it threw one of our errors, which is kept. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof FarcallError) || thrown.code === 'INTERNAL') throw thrown;
      this.#take(thrown);
      return undefined;
    }
  }

  /** `statement` could not be checked: what it declares has no type. */
  failed(statement: Statement): void {
    if (statement.kind !== 'declare') return;
    for (const { name } of statement.declarations) this.#failed.add(name);
  }

  #take(error: FarcallError): void {
    if (this.errors.length >= ERRORS_LIMIT || this.#follows(error)) return;
    this.errors.push(error);
  }

  #follows({ location }: FarcallError): boolean {
    if (!location || this.#failed.size === 0) return false;
    const rest = this.#lines[location.line - 1]?.slice(location.column - 1) ?? '';
    return this.#failed.has(/^[A-Za-z_$][A-Za-z0-9_$]*/.exec(rest)?.[0] ?? '');
  }
}
