export { Library, type LibraryComparison } from './library.ts';
export {
  type LibraryPart,
  libraryHeadersIn,
  libraryParts,
  type ProgramParts,
  programStart,
  type SplitText,
  splitText,
  withLibrary,
} from './library-text.ts';
export { parameterValues, parameterValuesText, VALUES_LIMIT_BYTES } from './parameter-values.ts';
export type { LibraryItem } from './split-header.ts';
