import { FarcallError } from '../../../shared/errors/index.ts';
import { type BtfSlice, type BuildFacts, FUEL_DEFAULT } from '../../../shared/messages/index.ts';
import { Btf } from '../btf/index.ts';
import { type CompiledModule, Compiler, type CompilerInput } from '../compile/index.ts';
import { typeToC } from '../ctype/index.ts';
import { NONE_PERMITTED, type PermittedFunctions } from '../ir/index.ts';
import { RecordingBtf } from './recording-btf.ts';
import { recordPermitted, toFunction } from './recording-permitted.ts';
import { recordSymbols, symbolsOf } from './recording-symbols.ts';
import { NO_BASE, referencedTypes, sliceBtf } from './slice-btf.ts';

/** Where the text of a kernel begins: by how much addresses were moved at boot shows in it. */
export const TEXT_START = '_stext';

/** A kernel that remembers what compilations ask of it. */
export interface RecordedKernel {
  /** For a compiler. */
  readonly input: CompilerInput;
  /** What was asked until now. */
  readonly facts: () => Omit<BuildFacts, 'pointers'>;
  /**
   * For each name of a type that was asked for, the numbers of the types that were found: in the kernel's BTF
   * as it was given.
   */
  readonly finds: ReadonlyMap<string, readonly number[]>;
}

/** Records all that compilers ask of the kernel `input`. */
export function recordKernel(input: CompilerInput): RecordedKernel {
  const symbols = recordSymbols(input.symbols);
  symbols.lookup(TEXT_START);
  const btf = new RecordingBtf(input.btf);
  const modules = new Map<string, { readonly plain: Btf; readonly recording: RecordingBtf }>();
  const moduleBtf = (module: string): Btf | undefined => {
    const known = modules.get(module)?.recording;
    const plain = known ? undefined : input.moduleBtf?.(module);
    if (!plain) return known;
    const recording = new RecordingBtf(plain, btf);
    modules.set(module, { plain, recording });
    return recording;
  };
  const { vermagic, ...numbers } = input.abi;
  return {
    input: { ...input, btf, symbols, moduleBtf },
    finds: btf.finds,
    facts: () => ({
      arch: input.arch,
      vermagic,
      ...Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== undefined)),
      ...slices({ plain: input.btf, recording: btf }, modules),
      symbols: symbols.lookups(),
    }),
  };
}

/** A module, and all that it was compiled from beside program and name. */
export interface RecordedBuild extends Pick<RecordedKernel, 'finds'> {
  readonly call: CompiledModule;
  readonly facts: BuildFacts;
}

/**
 * Compiles `program` as {@link Compiler.compile} does, and tells what of the kernel was looked at. Anyone who
 * compiles over these facts gets the same bytes, and the same facts. Throws what `compile` throws.
 */
export function recordBuild(
  input: CompilerInput,
  program: string,
  moduleName: string,
  permitted: PermittedFunctions = NONE_PERMITTED,
  fuel = FUEL_DEFAULT,
): RecordedBuild {
  const pointers = recordPermitted(permitted);
  const kernel = recordKernel(input);
  const call = new Compiler(kernel.input).compile(program, moduleName, pointers.permitted, fuel);
  return {
    call,
    finds: kernel.finds,
    facts: { ...kernel.facts(), pointers: pointers.recorded() },
  };
}

interface Recorded {
  readonly plain: Btf;
  readonly recording: RecordingBtf;
}

function slices(
  { plain, recording }: Recorded,
  modules: ReadonlyMap<string, Recorded>,
): Pick<BuildFacts, 'types' | 'modules'> {
  const used = [...modules].sort(([a], [b]) => (a < b ? -1 : 1));
  const referencedBy = used.map(([, each]) => referencedTypes(each.plain, each.recording.recorded));
  const ofKernel = [referencedTypes(plain, recording.recorded), ...referencedBy].flatMap(ids => [...ids]);
  const kernel = sliceBtf(plain, recording.recorded, {
    referenced: new Set(ofKernel.filter(id => id < plain.endId)),
    base: NO_BASE,
  });
  return {
    types: kernel.slice,
    modules: used.map(([module, each], index) => ({
      module,
      types: sliceBtf(each.plain, each.recording.recorded, {
        referenced: referencedBy[index]!,
        base: kernel.context,
      }).slice,
    })),
  };
}

/** What the pointers of a program may hold by `facts`. */
export function permittedOf({ pointers }: BuildFacts): PermittedFunctions {
  const known = new Map(pointers.map(({ prototype, functions }) => [prototype, functions.map(toFunction)]));
  return prototype => known.get(typeToC(prototype)) ?? [];
}

/** The kernel that `facts` tell of, as far as they do. Throws BTF_INVALID where their types are none. */
export function inputOf(facts: BuildFacts): CompilerInput {
  const { arch, vermagic, moduleLayoutCrc, kcfiInitHash, kcfiEntryHash, kcfiReturnHash } = facts;
  const btf = checkedSlice(facts.types);
  const modules = new Map(facts.modules.map(({ module, types }) => [module, checkedSlice(types, btf)]));
  return {
    arch,
    btf,
    symbols: symbolsOf(facts.symbols),
    abi: { vermagic, moduleLayoutCrc, kcfiInitHash, kcfiEntryHash, kcfiReturnHash },
    moduleBtf: module => modules.get(module),
  };
}

function checkedSlice({ btf: blob, ids }: BtfSlice, base?: Btf): Btf {
  const btf = new Btf(blob, base);
  if (btf.endId - btf.firstId !== ids.length)
    throw new FarcallError('BTF_INVALID', `BTF: ${ids.length} numbers for ${btf.endId - btf.firstId} types`);
  return btf;
}
