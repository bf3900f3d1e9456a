export { bestSymbolAt } from './best-symbol.ts';
export type { KernelSymbol, SymbolTable } from './kernel-symbol.ts';
export type { ModuleAbi } from './module-abi.ts';
export { similarNames } from './similar-names.ts';
export { isSymbolName, NAME_MAX_BYTES } from './symbol-name.ts';
