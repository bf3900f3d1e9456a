/**
 * What this host's kernel exposes: its symbols, its memory, its requirements for modules, its state, its log.
 */

export {
  type BootAndTaint,
  type Capability,
  type KernelFacts,
  type Lockdown,
  readBootAndTaint,
  readKernelFacts,
} from './facts/index.ts';
export {
  HOST_FILES,
  type HostFiles,
  hostFileError,
  readOptionalHostText,
  systemErrorCode,
} from './host-files/index.ts';
export { type HostSymbols, LinkTimeSymbols, openSymbols } from './kallsyms/index.ts';
export {
  type Kcore,
  type KernelMemory,
  MappedMemory,
  MemoryFault,
  openKcore,
  readCString,
  toAddress,
} from './kcore/index.ts';
export { beginsOops, formatLogRecord, type KernelLog, OopsDetector, openKernelLog } from './log/index.ts';
export { hasModversions, type ModuleAbiSources, readModuleAbi } from './module-abi/index.ts';
export { ownModules, residentModules } from './own-modules.ts';
export { type BtfSources, readVmlinuxBtf } from './vmlinux-btf.ts';
