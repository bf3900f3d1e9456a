export { compareNames, isListedName, type NamedSymbol, type NameKind, nameLine } from './name-list.ts';
export { NamedSymbols } from './named-symbols.ts';
