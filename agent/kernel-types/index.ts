export { TypesDesk } from './types-desk.ts';
