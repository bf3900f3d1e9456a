import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { toFarcallError } from '../errors/index.ts';
import { asciiJson } from '../json/index.ts';

/** `content` and the version of Node as gzipped JSON, for somebody elsewhere who helps. */
export async function supportArchive(content: object): Promise<Uint8Array> {
  return await promisify(gzip)(asciiJson({ node: process.version, ...content }, 2));
}

/** What `read` gives; if it throws, the message of the error in its place. */
export function orProblem<T extends object>(read: () => T): T | { readonly problem: string } {
  try {
    return read();
  } catch (thrown) {
    return { problem: toFarcallError(thrown).message };
  }
}
