export { showInvisible } from './invisible.ts';
