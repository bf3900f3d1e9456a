export { asciiJson, toAscii } from './ascii-json.ts';
