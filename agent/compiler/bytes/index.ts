export { ByteWriter } from './byte-writer.ts';
