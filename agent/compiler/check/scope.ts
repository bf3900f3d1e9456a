import type { CType } from '../ctype/index.ts';
import type { Callee, Variable } from './typed-tree.ts';

/** What a declared name stands for. */
export type Binding =
  | { readonly kind: 'variable'; readonly variable: Variable }
  /** Data of the kernel that the program gave a type to. */
  | { readonly kind: 'extern'; readonly type: CType; readonly symbol: string; readonly address: bigint }
  | { readonly kind: 'function'; readonly callee: Callee };

/** The names that a program has declared, by block (C11 6.2.1). */
export class Scope {
  readonly #blocks: Map<string, Binding>[] = [new Map()];

  /** What `name` stands for here: the innermost declaration. */
  find(name: string): Binding | undefined {
    for (let block = this.#blocks.length - 1; block >= 0; block--) {
      const found = this.#blocks[block]!.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** Declares `name` in the innermost block; false where that block has it already. */
  declare(name: string, binding: Binding): boolean {
    const block = this.#blocks.at(-1)!;
    if (block.has(name)) return false;
    block.set(name, binding);
    return true;
  }

  /** Runs `work` in a block of its own. */
  within<T>(work: () => T): T {
    this.#blocks.push(new Map());
    const result = work();
    this.#blocks.pop();
    return result;
  }
}
