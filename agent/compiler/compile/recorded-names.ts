import type { KernelNamesInput } from '../check/index.ts';
import type { KernelSymbol, SymbolTable } from '../facts/index.ts';

/**
 * What was asked of a kernel and may change while it runs: symbols of its modules, those that were not there,
 * and types of modules. The kernel's own stay as they are.
 */
export class RecordedNames {
  /** Answers as `of` does, and keeps what may change. */
  readonly input: KernelNamesInput;
  readonly #symbols = new Map<string, readonly KernelSymbol[]>();
  readonly #variants = new Map<string, readonly KernelSymbol[]>();
  readonly #types = new Map<string, unknown>();

  constructor(of: KernelNamesInput) {
    const { symbols } = of;
    const recording: SymbolTable = {
      lookup: name => kept(this.#symbols, name, symbols.lookup(name)),
      variants: name => kept(this.#variants, name, symbols.variants(name)),
      similar: (name, limit) => symbols.similar(name, limit),
      containing: address => symbols.containing(address),
      ...(symbols.namesAt ? { namesAt: address => symbols.namesAt!(address) } : {}),
    };
    this.input = {
      ...of,
      symbols: recording,
      moduleTypes: module => {
        const types = of.moduleTypes(module);
        this.#types.set(module, types);
        return types;
      },
    };
  }

  /** Whether all of it would be answered in the same way now. */
  stillHold({ symbols, moduleTypes }: KernelNamesInput): boolean {
    for (const [name, before] of this.#symbols) if (!isSame(before, symbols.lookup(name))) return false;
    for (const [name, before] of this.#variants) if (!isSame(before, symbols.variants(name))) return false;
    for (const [module, before] of this.#types) if (moduleTypes(module) !== before) return false;
    return true;
  }
}

function kept(
  answers: Map<string, readonly KernelSymbol[]>,
  name: string,
  found: readonly KernelSymbol[],
): readonly KernelSymbol[] {
  if (found.length === 0 || found.some(({ module }) => module !== undefined)) answers.set(name, found);
  return found;
}

function isSame(before: readonly KernelSymbol[], now: readonly KernelSymbol[]): boolean {
  return (
    before.length === now.length &&
    before.every(
      ({ address, type, module }, index) =>
        address === now[index]!.address && type === now[index]!.type && module === now[index]!.module,
    )
  );
}
