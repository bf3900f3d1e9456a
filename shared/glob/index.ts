export { globMatches } from './glob.ts';
