export { type CoreSegment, type ElfCore, elfCoreHeadBytes, parseElfCore } from './elf-core.ts';
export { Kcore, openKcore } from './kcore.ts';
export { type CoreFile, MappedMemory } from './mapped-memory.ts';
export {
  type KernelMemory,
  MemoryFault,
  readCString,
  readU32,
  readU64,
  toAddress,
  viewOf,
} from './memory.ts';
export { findVmcoreInfo, parseVmcoreInfo, VmcoreInfo } from './vmcoreinfo.ts';
