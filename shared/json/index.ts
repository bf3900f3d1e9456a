export { asciiJson } from './ascii-json.ts';
