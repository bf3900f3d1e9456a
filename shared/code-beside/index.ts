export { consolePage, threadBeside } from './code-beside.ts';
