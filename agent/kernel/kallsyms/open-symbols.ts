import { toFarcallError } from '../../../shared/errors/index.ts';
import type { KernelSymbol, NamedSymbol, SymbolTable } from '../../compiler/index.ts';
import { HOST_FILES, type HostFiles } from '../host-files/index.ts';
import type { Kcore } from '../kcore/index.ts';
import { openCompressedStore } from './compressed-store.ts';
import { LayeredTable } from './layered-table.ts';
import { namedSymbols, textSymbols } from './named-symbols.ts';
import { loadedModules, readKallsymsText } from './read-text.ts';
import type { SymbolStore } from './symbol-store.ts';
import { ModuleLines } from './text-store.ts';

/** The symbols of this host, and where they came from. */
export interface HostSymbols {
  readonly table: SymbolTable;
  /**
   * All symbols without their addresses. This takes long; the caller decides at each item whether to pause.
   */
  readonly named: () => Generator<NamedSymbol>;
  /** Every text symbol, with its address. This takes long. */
  readonly text: () => KernelSymbol[];
  /** The kernel's own symbols alone: lookups do not read the symbols of modules. */
  readonly own: SymbolTable;
  /** `memory`: the kernel's compressed table through /proc/kcore; `text`: /proc/kallsyms. */
  readonly origin: 'memory' | 'text';
  /** Why the text was used, as a sentence for the log; undefined if the memory was read. */
  readonly fallbackReason: string | undefined;
}

/**
 * Opens this host's symbols: from the memory of the kernel if `kcore` is given and its table has a known
 * form, from the text of /proc/kallsyms otherwise. The symbols of modules are read at the first lookup, and
 * again whenever /proc/modules has changed.
 * @throws FarcallError PERMISSION, KALLSYMS_INVALID, FILE_UNREADABLE if the text cannot be read
 */
export function openSymbols(kcore: Kcore | undefined, files: HostFiles = HOST_FILES): HostSymbols {
  const opened = kcore === undefined ? '/proc/kcore is not open' : tryCompressed(kcore);
  if (typeof opened !== 'string') {
    const modules = modulesOnDemand(files);
    return {
      table: new LayeredTable(opened, modules),
      own: new LayeredTable(opened, noModules),
      named: () => namedSymbols(opened, modules()),
      text: () => textSymbols(opened, modules()),
      origin: 'memory',
      fallbackReason: undefined,
    };
  }
  const loaded = loadedModules(files);
  const { kernel, modules } = readKallsymsText(files);
  const onDemand = modulesOnDemand(files, { loaded, store: modules });
  return {
    table: new LayeredTable(kernel, onDemand),
    own: new LayeredTable(kernel, noModules),
    named: () => namedSymbols(kernel, onDemand()),
    text: () => textSymbols(kernel, onDemand()),
    origin: 'text',
    fallbackReason: opened,
  };
}

function tryCompressed(kcore: Kcore): SymbolStore | string {
  try {
    return openCompressedStore(kcore, kcore.vmcoreInfo);
  } catch (thrown) {
    return toFarcallError(thrown, 'KALLSYMS_INVALID').message;
  }
}

interface KnownModules {
  readonly loaded: string;
  readonly store: SymbolStore;
}

/** Reads module symbols again if /proc/modules has changed. If they cannot be read, there are none. */
function modulesOnDemand(files: HostFiles, first?: KnownModules): () => SymbolStore {
  let known = first;
  return () => {
    const loaded = loadedModules(files);
    if (known?.loaded !== loaded) known = { loaded, store: readModules(files, loaded) };
    return known.store;
  };
}

function readModules(files: HostFiles, loaded: string): SymbolStore {
  if (loaded === '') return noModules();
  try {
    return readKallsymsText(files).modules.alone();
  } catch {
    return noModules();
  }
}

function noModules(): SymbolStore {
  return new ModuleLines(Buffer.alloc(0));
}
