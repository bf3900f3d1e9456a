export {
  type ProgramEnd,
  type ReportedRows,
  type ResultAreaInput,
  readReported,
  readResultArea,
  rowsAreNotAll,
} from './read-result-area.ts';
export { marshalledToTyped, scalarToTyped } from './value-to-typed.ts';
