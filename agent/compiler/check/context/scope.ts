import type { CType, FunctionType } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CalledFunction, TypedExpression, Variable } from '../tree/index.ts';
import type { DeclaredFunction } from './declared-function.ts';

/** The variable, type or constant that a declared name stands for. */
export type Binding =
  | { readonly kind: 'variable'; readonly variable: Variable }
  /** Data of the kernel that the program gave a type to. */
  | {
      readonly kind: 'extern';
      readonly type: CType;
      readonly symbol: string;
      /** What was written behind the `@`, if anything was. */
      readonly module: string | undefined;
      readonly address: bigint;
    }
  | { readonly kind: 'function'; readonly callee: CalledFunction }
  /** A function of a module that is not loaded, by what the program says of it. */
  | {
      readonly kind: 'awaited';
      readonly name: string;
      readonly module: string;
      readonly type: FunctionType;
    }
  | { readonly kind: 'own-function'; readonly declared: DeclaredFunction }
  | { readonly kind: 'type'; readonly type: CType }
  | { readonly kind: 'enumerator'; readonly type: CType; readonly value: bigint }
  /** A parameter of the program, by its value. */
  | { readonly kind: 'parameter'; readonly operand: TypedExpression };

interface Block {
  /** What each name stands for: first what the library declares, then what the program does. */
  readonly names: Map<string, readonly Binding[]>;
  /** Structures, unions and enumerations have names of their own (C11 6.2.3). */
  readonly tags: Map<string, CType>;
}

/** The names that a program has declared, by block (C11 6.2.1). */
export class Scope {
  #blocks: Block[] = [{ names: new Map(), tags: new Map() }];
  /** What is declared outside of all blocks, by its order. */
  readonly #orders = new Map<Binding, number>();
  /** Only so many of these are known: to a function, those that stand before it. */
  #known = Number.POSITIVE_INFINITY;
  /** Variables that nothing has mentioned yet, and where they are declared. */
  readonly #unused = new Map<Binding, { readonly name: string; readonly at: Offset }>();

  /** So many of what is declared outside of all blocks is of the library. */
  #libraryEnd = 0;

  /** A scope in which everything is declared that is declared here, outside of all blocks. */
  copy(): Scope {
    const copy = new Scope();
    const [{ names, tags }] = this.#blocks as [Block];
    copy.#blocks = [{ names: new Map(names), tags: new Map(tags) }];
    for (const [binding, order] of this.#orders) copy.#orders.set(binding, order);
    copy.#libraryEnd = this.#libraryEnd;
    return copy;
  }

  /** What `name` stands for here: the innermost declaration. */
  find(name: string): Binding | undefined {
    const bindings = this.#blocks.findLast(({ names }) => names.has(name))?.names.get(name);
    const found = bindings?.findLast(binding => (this.#orders.get(binding) ?? 0) < this.#known);
    if (found) this.#unused.delete(found);
    return found;
  }

  /**
   * Ends the library: what a program declares now takes the place of what the library declares. Functions of
   * the library keep what they saw.
   */
  endLibrary(): void {
    this.#libraryEnd = this.#orders.size;
  }

  /** Declares `name` in the innermost block; false where that block has it already. */
  declare(name: string, binding: Binding): boolean {
    const { names } = this.#blocks.at(-1)!;
    const known = names.get(name) ?? [];
    if (known.some(each => (this.#orders.get(each) ?? Number.POSITIVE_INFINITY) >= this.#libraryEnd))
      return false;
    names.set(name, [...known, binding]);
    if (this.#blocks.length === 1) this.#orders.set(binding, this.#orders.size);
    return true;
  }

  /** Declares a variable that the program names itself. It is reported as unused until it is mentioned. */
  declareVariable(name: string, variable: Variable, at: Offset): boolean {
    const binding: Binding = { kind: 'variable', variable };
    this.#unused.set(binding, { name, at });
    return this.declare(name, binding);
  }

  /** Variables that are declared and never mentioned. */
  get unused(): readonly { readonly name: string; readonly at: Offset }[] {
    return [...this.#unused.values()];
  }

  /** The type that the program itself gave the tag. */
  findTag(name: string): CType | undefined {
    return this.#blocks.findLast(({ tags }) => tags.has(name))?.tags.get(name);
  }

  /** The type that the innermost block gave the tag; undefined if only an outer one did. */
  tagInBlock(name: string): CType | undefined {
    return this.#blocks.at(-1)!.tags.get(name);
  }

  /** Gives `type` the tag in the innermost block. */
  declareTag(name: string, type: CType): void {
    this.#blocks.at(-1)!.tags.set(name, type);
  }

  /** Opens a block, for callers that cannot use {@link within}. */
  enter(): void {
    this.#blocks.push({ names: new Map(), tags: new Map() });
  }

  /** Closes the innermost block; the outermost stays. */
  leave(): void {
    if (this.#blocks.length > 1) this.#blocks.pop();
  }

  /** Every name that stands for something here. */
  visible(): ReadonlyMap<string, Binding> {
    return new Map(
      this.#blocks.flatMap(({ names }) =>
        [...names].map(([name, bindings]) => [name, bindings.at(-1)!] as const),
      ),
    );
  }

  /** The tags that the program itself has given, here. */
  visibleTags(): ReadonlyMap<string, CType> {
    return new Map(this.#blocks.flatMap(({ tags }) => [...tags]));
  }

  /** How many names are declared outside of all blocks. */
  get position(): number {
    return this.#orders.size;
  }

  /** Runs `work` as the body of a function that stands where `position` was. */
  withinFunction<T>(position: number, work: () => T): T {
    const around = this.#blocks;
    this.#blocks = [around[0]!];
    this.#known = position;
    try {
      return this.within(work);
    } finally {
      this.#blocks = around;
      this.#known = Number.POSITIVE_INFINITY;
    }
  }

  /** Runs `work` in a block of its own. */
  within<T>(work: () => T): T {
    this.enter();
    try {
      return work();
    } finally {
      this.leave();
    }
  }
}
