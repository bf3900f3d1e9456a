export { answerShell } from './answer-shell.ts';
export { bashReply, readBashLine } from './bash-line.ts';
export { SCRIPTS, SHELLS, type Shell } from './scripts.ts';
