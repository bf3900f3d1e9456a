export { Library, type LibraryComparison } from './library.ts';
export {
  type LibraryPart,
  libraryHeadersIn,
  libraryParts,
  type ProgramParts,
  programStart,
  withLibrary,
} from './library-text.ts';
export type { LibraryItem } from './split-header.ts';
