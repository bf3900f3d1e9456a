export { type LabelTerm, parseSelector, type Selector, selectorMatches } from './selector.ts';
export { inSlice, type Slice, sliceNumber, WHOLE } from './slice.ts';
