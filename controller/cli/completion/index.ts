export { bashReply, readBashLine } from './bash-line.ts';
export { complete, type ShellCompletion } from './complete.ts';
export { SCRIPTS, SHELLS, type Shell } from './scripts.ts';
export { SOURCES } from './sources.ts';
