import { machine } from 'node:os';
import { toFarcallError } from '../shared/errors/index.ts';
import { Btf, Compiler, type CompilerInput, initFunctionNames } from './compiler/index.ts';
import {
  HOST_FILES,
  type HostFiles,
  type HostSymbols,
  type Kcore,
  openKcore,
  openSymbols,
  readKernelFacts,
  readModuleAbi,
  readVmlinuxBtf,
} from './kernel/index.ts';
import { moduleTypes } from './module-types.ts';
import type { KernelFacts } from './stages/index.ts';

/** The kernel that this process runs on: what programs are compiled against, and what it allows. */
export interface HostKernel {
  readonly compiler: Compiler;
  /** As `uname -m` says it. */
  readonly arch: string;
  /** What the kernel is and lets us do, read anew at each call. */
  facts(): KernelFacts;
  /** Why symbols or memory had to be read the slow way; empty where they had not. */
  readonly notes: readonly string[];
}

/**
 * Opens this host's kernel: types from BTF, addresses from its symbols, and what it asks of modules. Throws
 * FILE_UNREADABLE or PERMISSION naming the file and the right that is missing, or KERNEL_LACKS.
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
  };
  return {
    compiler: new Compiler(input),
    arch,
    facts: () => kernelFacts(files, abi.vermagic),
    notes: [reason, symbols.fallbackReason].filter(note => note !== undefined),
  };
}

/** The kernel's memory, where it is open to us; lockdown=confidentiality closes it, and much works without. */
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

function kernelFacts(files: HostFiles, vermagic: string): KernelFacts {
  const { kernelRelease, arch, modulesDisabled, sigEnforce, lockdown, taint, bootId } =
    readKernelFacts(files);
  return { kernelRelease, arch, vermagic, modulesDisabled, sigEnforce, lockdown, taint, bootId };
}
