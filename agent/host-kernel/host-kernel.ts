import { machine } from 'node:os';
import { releasedLibrary } from '../../shared/assets/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import {
  Btf,
  type CompiledModule,
  type CompiledRead,
  Compiler,
  type CompilerInput,
  initFunctionNames,
  type KernelSymbol,
  type MayCall,
  type PermittedFunctions,
  permittedFunctions,
  type RecordedBuild,
  recordBuild,
} from '../compiler/index.ts';
import { type HostPlan, type RunPlanOptions, runPlan } from '../interpret/index.ts';
import {
  HOST_FILES,
  type HostFiles,
  type HostSymbols,
  type Kcore,
  type KernelMemory,
  LinkTimeSymbols,
  MappedMemory,
  OopsDetector,
  openKcore,
  openSymbols,
  readBootAndTaint,
  readKernelFacts,
  readModuleAbi,
  readVmlinuxBtf,
} from '../kernel/index.ts';
import type { KernelHealth, ReportedKernelFacts } from '../stages/index.ts';
import { moduleLoadingProblem } from '../stages/index.ts';
import { modulesWithTypes, moduleTypes } from './module-types.ts';

type NamedPlan = Pick<RunPlanOptions, 'moduleName' | 'timeoutMs' | 'fuel'> & { readonly mayCall?: MayCall };

/** How a program is compiled here. */
export interface CompileOptions {
  /** Whether its module would be signed. */
  readonly signed: boolean;
  /** The functions that pointers may hold, beside those that the program names; all if it is left out. */
  readonly mayCall?: MayCall;
  /** Turns that loops may make in all; FUEL_DEFAULT if it is left out. */
  readonly fuel?: number | undefined;
}

/** The kernel that this process runs on: what programs are compiled against, and what it allows. */
export interface HostKernel {
  readonly compiler: Compiler;
  /**
   * Compiles `program` as it would run here. A program that only reads is prepared for the interpreter if the
   * kernel's memory is open; every other program becomes a module, which will be `signed` or not. Throws what
   * {@link Compiler.compile} throws, and PERMISSION if a program that only reads can run in neither way.
   */
  compile(program: string, moduleName: string, options?: CompileOptions): CompiledModule | CompiledRead;
  /**
   * Compiles to a module, and returns all facts that it was compiled from. Throws what {@link
   * Compiler.compile} throws.
   */
  recordBuild(
    program: string,
    moduleName: string,
    mayCall: MayCall,
    fuel?: number | undefined,
  ): RecordedBuild;
  /** The plan of `program` on this host; see {@link runPlan}. */
  plan(program: string, options: NamedPlan): Promise<HostPlan>;
  /**
   * The same for a program that nobody has approved: no memory is read, and the plan does not tell where the
   * kernel is.
   */
  planUnread(program: string, options: NamedPlan): Promise<HostPlan>;
  /**
   * The kernel's memory, opened at each call: a lockdown in the meantime closes it, and added memory is
   * included. To be closed by the caller. Throws PERMISSION, KERNEL_LACKS or KCORE_INVALID.
   */
  openMemory(): KernelMemory & Disposable;
  /** Its types and names, by which programs are checked; see `packKernelTypes`. */
  types(): Promise<Uint8Array>;
  /** As `uname -m` says it. */
  readonly arch: string;
  /** The facts of the kernel, read at each call. */
  facts(): ReportedKernelFacts;
  /** The kernel's health now. What it logged before the first call is ignored. */
  health(): KernelHealth;
  /** Why symbols or memory had to be read the slow way; empty if they did not. */
  readonly notes: readonly string[];
}

/**
 * Opens this host's kernel: types from BTF, addresses from its symbols, and its requirements for modules.
 * Throws FILE_UNREADABLE or PERMISSION naming the file and the right that is missing, or KERNEL_LACKS.
 */
export function openHostKernel(files: HostFiles = HOST_FILES): HostKernel {
  const arch = machine();
  const { memory, reason } = openMemory(files);
  const symbols = openSymbols(memory, files);
  const btf = new Btf(readVmlinuxBtf({ memory, symbols: symbols.own, files }));
  const abi = readModuleAbi({
    symbols: symbols.own,
    memory,
    files,
    initFunctions: () => initFunctions(btf, symbols),
  });
  const input: CompilerInput = {
    arch,
    btf,
    symbols: symbols.table,
    abi,
    moduleBtf: moduleTypes(btf, files),
    loadedModules: () => modulesWithTypes(files),
    namesOfLibrary: () => releasedLibrary().names,
  };
  const compiler = new Compiler(input);
  const permitted = (mayCall: MayCall = ANY_FUNCTION): PermittedFunctions =>
    permittedFunctions({ ...input, textSymbols: symbols.text, mayCall });
  const facts = (): ReportedKernelFacts => kernelFacts(files, abi.vermagic);
  const oopses = new OopsDetector(files);
  return {
    compiler,
    compile: (program, moduleName, { signed, mayCall, fuel } = { signed: false }) =>
      compileHere(program, moduleName, {
        ...{ compiler, facts, files, signed, fuel },
        permitted: permitted(mayCall),
      }),
    recordBuild: (program, moduleName, mayCall, fuel) =>
      recordBuild(input, program, moduleName, permitted(mayCall), fuel),
    async plan(program, { mayCall, ...options }) {
      const { memory: core } = openMemory(files);
      using memory = core && new MappedMemory(core, arch);
      const kernel = { compiler, memory, permitted: permitted(mayCall) };
      return await runPlan(program, { ...options, ...kernel, interprets: memory !== undefined });
    },
    async planUnread(program, { mayCall = ANY_FUNCTION, ...options }) {
      const linkTimeSymbols = new LinkTimeSymbols(symbols.table);
      const linkTime = new Compiler({ ...input, symbols: linkTimeSymbols });
      const textSymbols = (): KernelSymbol[] => symbols.text().map(each => linkTimeSymbols.moved(each));
      const { memory } = openMemory(files);
      memory?.close();
      const interprets = memory !== undefined;
      const permitted = permittedFunctions({ ...input, textSymbols, mayCall });
      const kernel = { compiler: linkTime, memory: 'unread', permitted } as const;
      return await runPlan(program, { ...options, ...kernel, interprets });
    },
    openMemory: () => new MappedMemory(openKcore(files), arch),
    async types() {
      const { packKernelTypes } = await import('./pack-kernel-types.ts');
      const { memory } = openMemory(files);
      using _open = memory;
      const vmlinux = readVmlinuxBtf({ memory, symbols: symbols.own, files });
      return await packKernelTypes({ facts: facts(), vmlinux, symbols: symbols.named(), files });
    },
    arch,
    facts,
    health: () => ({ ...readBootAndTaint(files), oops: oopses.look(Date.now()) }),
    notes: [reason, symbols.fallbackReason].filter(note => note !== undefined),
  };
}

interface Here {
  readonly compiler: Compiler;
  readonly facts: () => ReportedKernelFacts;
  readonly files: HostFiles;
  readonly signed: boolean;
  readonly permitted: PermittedFunctions;
  readonly fuel: number | undefined;
}

/** For a person who is root here, and runs a program without an order. */
const ANY_FUNCTION: MayCall = { module: () => true, function: () => true };

function compileHere(
  program: string,
  moduleName: string,
  { compiler, facts, files, signed, permitted, fuel }: Here,
): CompiledModule | CompiledRead {
  const call = compiler.compileWithoutModule(program, moduleName, permitted, fuel);
  if (call.image) return call;
  const { memory, reason } = openMemory(files);
  memory?.close();
  if (memory) return call;
  const noModule = moduleLoadingProblem(facts(), { signed });
  if (noModule === undefined) return compiler.compile(program, moduleName, permitted, fuel);
  throw new FarcallError(
    'PERMISSION',
    `the program only reads, but memory is closed (${reason}), and a module cannot do it either: ${noModule}`,
  );
}

/**
 * The kernel's memory, or why it is closed. lockdown=confidentiality closes it, and much works without it.
 */
function openMemory(files: HostFiles): {
  readonly memory: Kcore | undefined;
  readonly reason: string | undefined;
} {
  try {
    return { memory: openKcore(files), reason: undefined };
  } catch (thrown) {
    return { memory: undefined, reason: toFarcallError(thrown, 'KCORE_INVALID').message };
  }
}

function* initFunctions(btf: Btf, { own }: HostSymbols): Generator<bigint> {
  for (const name of initFunctionNames(btf)) {
    const symbol = own.lookup(name)[0];
    if (symbol) yield symbol.address;
  }
}

function kernelFacts(files: HostFiles, vermagic: string): ReportedKernelFacts {
  const { missingCapabilities: _rights, secureBoot, ...facts } = readKernelFacts(files);
  return { ...facts, vermagic, ...(secureBoot === undefined ? {} : { secureBoot }) };
}
