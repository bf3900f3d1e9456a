import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import type { LabelTarget } from '../tree/index.ts';

interface Known {
  readonly target: LabelTarget;
  boundAt: Offset | undefined;
  /** Where the first `goto` to it stands. */
  usedAt: Offset | undefined;
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
  bind(name: string, at: Offset): LabelTarget {
    const known = this.#known(name);
    if (known.boundAt !== undefined)
      throw this.#context.diagnostics.typeError(at, `the label '${name}' is defined twice`);
    known.boundAt = at;
    return known.target;
  }

  /** `goto name;`. */
  use(name: string, at: Offset): LabelTarget {
    const known = this.#known(name);
    known.usedAt ??= at;
    this.uses++;
    return known.target;
  }

  /** For the end of the program: throws if a label is missing, and warns of one that no goto uses. */
  settle(): void {
    for (const [name, { boundAt, usedAt }] of this.#labels) {
      if (boundAt === undefined)
        throw this.#context.diagnostics.typeError(usedAt!, `the program has no label '${name}'`);
      if (usedAt === undefined) this.#context.diagnostics.warn(boundAt, `no goto uses the label '${name}'`);
    }
  }

  #known(name: string): Known {
    const known = this.#labels.get(name) ?? { target: { name }, boundAt: undefined, usedAt: undefined };
    this.#labels.set(name, known);
    return known;
  }
}
