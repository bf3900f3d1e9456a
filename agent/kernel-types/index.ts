export { typesDesk } from './types-desk.ts';
