export { ELF } from './constants.ts';
export { type ElfMachine, elfMachine } from './machines.ts';
export { EXECUTABLE_HEADER_BYTES, type ExecutableInput, writeExecutable } from './write-executable.ts';
export {
  type RelocatableInput,
  type SectionInput,
  type SymbolInput,
  writeRelocatable,
} from './write-relocatable.ts';
