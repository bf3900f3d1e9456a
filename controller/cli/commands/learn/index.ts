export { addComplete } from './complete.ts';
export { addCompletion } from './completion.ts';
export { addHelpCommand } from './help.ts';
