/** What this host's kernel says of itself: its symbols, its memory, what it asks of modules, its state, its log. */

export {
  type BootAndTaint,
  type Capability,
  type KernelFacts,
  type Lockdown,
  readBootAndTaint,
  readKernelFacts,
} from './facts/index.ts';
export { errnoName, HOST_FILES, type HostFiles, hostFileError } from './host-files/index.ts';
export { type HostSymbols, openSymbols, UnplacedSymbols } from './kallsyms/index.ts';
export {
  type Kcore,
  type KernelMemory,
  MappedMemory,
  MemoryFault,
  openKcore,
  readCString,
  toAddress,
} from './kcore/index.ts';
export { formatLogRecord, type KernelLog, OopsWatch, openKernelLog } from './log/index.ts';
export { hasModversions, type ModuleAbiSources, readModuleAbi } from './module-abi/index.ts';
export { type BtfSources, readVmlinuxBtf } from './vmlinux-btf.ts';
