export {
  type ConfirmationPrompt,
  type ConfirmOptions,
  hostsOfRequest,
  isConfirmation,
  isConfirmed,
  showRequest,
} from './confirm.ts';
export { neverHeard } from './never-heard.ts';
export { hasLibraryOf, releasedLibraryOf } from './own-library.ts';
export { printStatus, troublesOf } from './print-status.ts';
export { isProgramOf, type ProgramText, withProgram } from './program-text.ts';
