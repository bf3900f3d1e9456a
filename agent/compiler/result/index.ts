export { type ProgramEnd, type ResultAreaInput, readResultArea } from './read-result-area.ts';
export { valueToTyped } from './value-to-typed.ts';
