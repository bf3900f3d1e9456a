export { addCompletionCommands } from './completion-commands.ts';
export { SOURCES } from './sources.ts';
