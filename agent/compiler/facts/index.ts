export type { KernelSymbol, SymbolTable } from './kernel-symbol.ts';
export type { ModuleAbi } from './module-abi.ts';
