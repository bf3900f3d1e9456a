import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import type { Guard, LabelTarget } from '../tree/index.ts';

interface Known {
  readonly target: LabelTarget;
  boundAt: Offset | undefined;
  /** The guards that hold their locks there, the outermost first. */
  guards: readonly Guard[];
  /** Each `goto` to it, and the guards that hold theirs there. */
  readonly uses: { readonly at: Offset; readonly guards: readonly Guard[] }[];
}

/**
 * The labels of one program: they are visible in all of it, before and after their definition (C11
 * 6.2.1, 3).
 */
export class LabelScope {
  readonly #context: CheckContext;
  /** How many `goto` there were so far. */
  uses = 0;
  readonly #labels = new Map<string, Known>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** `name:`. */
  bind(name: string, at: Offset, guards: readonly Guard[]): LabelTarget {
    const known = this.#known(name);
    if (known.boundAt !== undefined)
      throw this.#context.diagnostics.typeError(at, `the label '${name}' is defined twice`);
    known.boundAt = at;
    known.guards = [...guards];
    known.target.guards = guards.length;
    return known.target;
  }

  /** `goto name;`. */
  use(name: string, at: Offset, guards: readonly Guard[]): LabelTarget {
    const known = this.#known(name);
    known.uses.push({ at, guards: [...guards] });
    this.uses++;
    return known.target;
  }

  /**
   * For the end of the program: throws if a label is missing, or would be reached past a guard, and warns of
   * one that no goto uses.
   */
  settle(): void {
    const { diagnostics } = this.#context;
    for (const [name, { boundAt, uses, guards }] of this.#labels) {
      const [first] = uses;
      if (boundAt === undefined) throw diagnostics.typeError(first!.at, `the program has no label '${name}'`);
      if (!first) diagnostics.warn(boundAt, `no goto uses the label '${name}'`);
      for (const use of uses) {
        const missing = guards.find((guard, index) => guard !== use.guards[index]);
        if (!missing) continue;
        const message = `this goto would jump past guard(${missing.name}), whose lock is held at '${name}'`;
        throw diagnostics.typeError(use.at, message);
      }
    }
  }

  #known(name: string): Known {
    const known = this.#labels.get(name) ?? {
      target: { name, guards: 0 },
      boundAt: undefined,
      guards: [],
      uses: [],
    };
    this.#labels.set(name, known);
    return known;
  }
}
