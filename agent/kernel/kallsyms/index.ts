export { type CompressedStore, openCompressedStore } from './compressed-store.ts';
export { LayeredTable } from './layered-table.ts';
export { LinkTimeSymbols } from './link-time-symbols.ts';
export { type HostSymbols, openSymbols } from './open-symbols.ts';
export { loadedModules, readKallsymsText } from './read-text.ts';
export type { SymbolStore } from './symbol-store.ts';
export { type TextSymbols, textSymbols } from './text-store.ts';
