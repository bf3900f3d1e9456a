export { type ProgramEnd, type Reported, type ResultAreaInput, readResultArea } from './read-result-area.ts';
export { carriedToTyped, scalarToTyped } from './value-to-typed.ts';
