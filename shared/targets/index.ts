export { formatSelector } from './format-selector.ts';
export { lookupIn, type SelectableFacts, type Target } from './host-facts.ts';
export { hostNamesDigest } from './hosts-digest.ts';
export { type FactLookup, selectorMatches } from './match-selector.ts';
export { parseSelector } from './parse-selector.ts';
export { type Comparison, namesIn, type Selector } from './selector.ts';
export { inSlice, type Slice, sliceNumber, WHOLE } from './slice.ts';
