export {
  type ConfirmationPrompt,
  type ConfirmOptions,
  hostsOfRequest,
  isConfirmation,
  isConfirmed,
  showRequest,
} from './confirm.ts';
export { isProgramOf, type ProgramText, withProgram } from './program-text.ts';
