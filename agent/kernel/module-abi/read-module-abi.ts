import { release as kernelRelease } from 'node:os';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import type { ModuleAbi, SymbolTable } from '../../compiler/index.ts';
import { HOST_FILES, type HostFiles } from '../host-files/index.ts';
import { type KernelMemory, readCString } from '../kcore/index.ts';
import { moduleFiles, readPackedModule } from './find-module-files.ts';
import { ENTRY_HANDLERS, RETURN_HANDLERS, readHandlerHash, readKcfiHash } from './kcfi.ts';
import { readExportCrc } from './kcrctab.ts';
import { type ModuleFileAbi, readModuleFile } from './module-file.ts';

/** Where `readModuleAbi` looks. */
export interface ModuleAbiSources {
  readonly symbols: SymbolTable;
  /** Undefined if /proc/kcore is closed; module files have to do then. */
  readonly memory: KernelMemory | undefined;
  /** Addresses of functions of type `int (void)`, from BTF; asked for on kernels with kCFI only. */
  readonly initFunctions?: () => Iterable<bigint>;
  /** Default: `uname -r`. */
  readonly release?: string;
  readonly files?: HostFiles;
}

const VERMAGIC_MAX_BYTES = 256;
/**
 * So many module files are tried before giving up: packed ones may be unreadable here, and foreign ones may
 * lie about.
 */
const FILES_MAX = 16;
const NO_FILE: ModuleFileAbi = { vermagic: undefined, moduleLayoutCrc: undefined };

/**
 * What this kernel asks of a module: from the kernel's memory where it says so, otherwise from any of the
 * module files that were built with it.
 * @throws FarcallError KERNEL_LACKS if neither tells
 */
export function readModuleAbi(sources: ModuleAbiSources): ModuleAbi {
  const release = sources.release ?? kernelRelease();
  const file = once(() => findUsableFile(release, sources.files ?? HOST_FILES));
  const vermagic = vermagicInMemory(sources, release) ?? file().vermagic;
  if (vermagic === undefined) throw lacks('vermagic', release);
  return {
    vermagic,
    moduleLayoutCrc: hasModversions(vermagic) ? readLayoutCrc(sources, file, release) : undefined,
    kcfiInitHash: readInitHash(sources),
    ...handlerHashes(sources),
  };
}

/** Whether a kernel of this vermagic checks CRCs (CONFIG_MODVERSIONS). */
export function hasModversions(vermagic: string): boolean {
  return vermagic.split(' ').includes('modversions');
}

function vermagicInMemory({ symbols, memory }: ModuleAbiSources, release: string): string | undefined {
  if (memory === undefined) return undefined;
  for (const { address } of symbols.lookup('vermagic')) {
    const text = tolerate(() => readCString(memory, address, VERMAGIC_MAX_BYTES));
    if (text?.startsWith(`${release} `)) return text;
  }
  return undefined;
}

function readLayoutCrc(sources: ModuleAbiSources, file: () => ModuleFileAbi, release: string): number {
  const { memory, symbols } = sources;
  const inMemory = memory && tolerate(() => readExportCrc(memory, symbols, 'module_layout'));
  const crc = inMemory ?? file().moduleLayoutCrc;
  if (crc === undefined) throw lacks('the CRC of module_layout', release);
  return crc;
}

function readInitHash({ memory, symbols, initFunctions }: ModuleAbiSources): number | undefined {
  if (memory === undefined || initFunctions === undefined) return undefined;
  return readKcfiHash(memory, symbols, lazily(initFunctions));
}

function handlerHashes({
  memory,
  symbols,
}: ModuleAbiSources): Pick<ModuleAbi, 'kcfiEntryHash' | 'kcfiReturnHash'> {
  if (memory === undefined) return {};
  const entry = readHandlerHash(memory, symbols, ENTRY_HANDLERS);
  const returned = readHandlerHash(memory, symbols, RETURN_HANDLERS);
  return {
    ...(entry === undefined ? {} : { kcfiEntryHash: entry }),
    ...(returned === undefined ? {} : { kcfiReturnHash: returned }),
  };
}

function* lazily(functions: () => Iterable<bigint>): Generator<bigint> {
  yield* functions();
}

/** The first module file of this release that can be read and was built for it. */
function findUsableFile(release: string, files: HostFiles): ModuleFileAbi {
  let tried = 0;
  for (const path of moduleFiles(release, files)) {
    if (++tried > FILES_MAX) break;
    const abi = tolerate(() => readModuleFile(readPackedModule(path)));
    if (abi?.vermagic?.startsWith(`${release} `)) return abi;
  }
  return NO_FILE;
}

/**
 * The result, or undefined if the kernel's memory or a file cannot be used: the next source is asked then.
 */
function tolerate<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    const error = toFarcallError(thrown);
    if (error.code === 'INTERNAL') throw error;
    return undefined;
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function lacks(what: string, release: string): FarcallError {
  return new FarcallError(
    'KERNEL_LACKS',
    `what this kernel asks of a module (${what}) cannot be read: it is neither in /proc/kcore (CONFIG_PROC_KCORE may be off) nor in a module file under /lib/modules/${release}`,
  );
}
