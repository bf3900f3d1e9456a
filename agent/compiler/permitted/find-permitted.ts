import { FarcallError } from '../../../shared/errors/index.ts';
import { BTF_KIND, type Btf, type TypeId } from '../btf/index.ts';
import { compatible } from '../check/index.ts';
import { backEndFor } from '../codegen/index.ts';
import { BtfTypes, type FunctionType } from '../ctype/index.ts';
import type { KernelSymbol } from '../facts/index.ts';
import type { PermittedFunction, PermittedFunctions } from '../ir/index.ts';

/** What a host's policy says of functions that no program names. */
export interface MayCall {
  /** Whether functions of the module may be called; undefined is the kernel itself. */
  module(module: string | undefined): boolean;
  /** Whether the function with these names may be called: all symbols at one address are one function. */
  function(names: readonly string[]): boolean;
}

/** A kernel, and what may be called in it. */
export interface PermittedInput {
  /** As `uname -m` says it. */
  readonly arch: string;
  readonly btf: Btf;
  readonly moduleBtf?: (module: string) => Btf | undefined;
  /** Every text symbol of the kernel and of its loaded modules. Asked once, and only if it is needed. */
  readonly textSymbols: () => Iterable<KernelSymbol>;
  readonly mayCall: MayCall;
}

/** The function at one address, under all its names. */
interface TextAddress {
  readonly address: bigint;
  readonly module: string | undefined;
  readonly names: string[];
}

/**
 * Finds the functions that a pointer may hold: those whose prototype in BTF is exactly that of the pointer,
 * and that `mayCall` permits.
 *
 * Threat: what a pointer holds must be the beginning of a function, and of no other than policy permits. So
 * only addresses of text symbols count, never what lies behind them; a function with several names is
 * permitted only if policy says so of all its names together; and text that is given back after boot
 * (`__init`) holds something else by now.
 */
export function permittedFunctions(input: PermittedInput): PermittedFunctions {
  let known: readonly TextAddress[] | undefined;
  const matching = new Map<string | undefined, (prototype: FunctionType) => ReadonlySet<string>>();
  const namesIn = (module: string | undefined, prototype: FunctionType): ReadonlySet<string> => {
    const find = matching.get(module) ?? prototypeSearch(input, module);
    matching.set(module, find);
    return find(prototype);
  };
  return prototype => {
    known ??= [...textAddresses(input)];
    const names = new Map<string | undefined, ReadonlySet<string>>();
    const found: PermittedFunction[] = [];
    for (const { address, module, names: all } of known) {
      let fitting = names.get(module);
      if (!fitting) {
        fitting = input.mayCall.module(module) ? namesIn(module, prototype) : NO_NAMES;
        names.set(module, fitting);
      }
      const name = all.find(each => fitting.has(each));
      if (name !== undefined && input.mayCall.function(all)) found.push({ name, module, address });
    }
    return found;
  };
}

const NO_NAMES: ReadonlySet<string> = new Set();

function textAddresses({ textSymbols }: PermittedInput): Iterable<TextAddress> {
  const found = new Map<bigint, TextAddress>();
  let [initStart, initEnd] = [0n, 0n];
  for (const { name, address, module } of textSymbols()) {
    if (module === undefined && name === '_sinittext') initStart = address;
    if (module === undefined && name === '_einittext') initEnd = address;
    const same = found.get(address);
    if (same) same.names.push(name);
    else found.set(address, { address, module, names: [name] });
  }
  for (const address of found.keys()) if (address >= initStart && address < initEnd) found.delete(address);
  return found.values();
}

/**
 * The names of the functions in one BTF with a prototype; a name with two different prototypes is left out.
 * The types are made for this search alone: kept, those of all functions would take many MiB.
 */
function prototypeSearch(
  { arch, btf: kernel, moduleBtf }: PermittedInput,
  module: string | undefined,
): (prototype: FunctionType) => ReadonlySet<string> {
  const btf = module === undefined ? kernel : moduleBtf?.(module);
  if (!btf) return () => NO_NAMES;
  return wanted => {
    const types = new BtfTypes(btf, { charIsSigned: backEndFor(arch).charIsSigned });
    const fits = new Map<TypeId, boolean>();
    const [found, other] = [new Set<string>(), new Set<string>()];
    for (let id = btf.firstId; id < btf.endId; id++) {
      if (btf.kind(id) !== BTF_KIND.FUNC) continue;
      const prototype = btf.target(id);
      let isFitting = fits.get(prototype);
      if (isFitting === undefined) {
        isFitting = hasPrototype(types, id, wanted);
        fits.set(prototype, isFitting);
      }
      (isFitting ? found : other).add(btf.name(id));
    }
    return found.difference(other);
  };
}

function hasPrototype(types: BtfTypes, id: TypeId, wanted: FunctionType): boolean {
  const { btf } = types;
  const count = btf.params(btf.target(id)).length;
  if (count !== wanted.params.length + (wanted.variadic ? 1 : 0)) return false;
  try {
    return compatible(types.prototype(id), wanted);
  } catch (error) {
    if (error instanceof FarcallError && error.code === 'BTF_INVALID') return false;
    throw error;
  }
}
