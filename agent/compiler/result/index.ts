export {
  type ProgramEnd,
  type ReportedRows,
  type ResultAreaInput,
  readResultArea,
} from './read-result-area.ts';
export { marshalledToTyped, scalarToTyped } from './value-to-typed.ts';
