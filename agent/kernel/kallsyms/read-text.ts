import { closeSync, openSync, readSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import { HOST_FILES, type HostFiles, hostFileError, readOptionalHostText } from '../host-files/index.ts';
import { type TextSymbols, textSymbols } from './text-store.ts';

const CHUNK_BYTES = 1024 * 1024;
const TEXT_MAX_BYTES = 512 * 1024 * 1024;

/**
 * Reads /proc/kallsyms: 60 to 100 ms, most of which the kernel spends on formatting.
 * @throws FarcallError PERMISSION, KALLSYMS_INVALID, FILE_UNREADABLE
 */
export function readKallsymsText(files: HostFiles = HOST_FILES): TextSymbols {
  return textSymbols(readWhole(`${files.proc}/kallsyms`));
}

/** The whole file in one buffer of its size, which is not known in advance: /proc says 0. */
function readWhole(path: string): Buffer {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const chunks: Buffer[] = [];
    for (let total = 0; total <= TEXT_MAX_BYTES; total += chunks.at(-1)!.length) {
      const chunk = readChunk(fd);
      chunks.push(chunk);
      if (chunk.length < CHUNK_BYTES) return Buffer.concat(chunks);
    }
  } catch (thrown) {
    throw hostFileError(path, thrown);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  throw new FarcallError('KALLSYMS_INVALID', `${path} is longer than ${TEXT_MAX_BYTES} bytes`);
}

/** A full chunk, or less at the end of the file; the kernel hands out a page at a time. */
function readChunk(fd: number): Buffer {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let held = 0;
  while (held < chunk.length) {
    const got = readSync(fd, chunk, held, chunk.length - held, null);
    if (got === 0) break;
    held += got;
  }
  return chunk.subarray(0, held);
}

/**
 * A text that changes when a module comes, goes or moves, and not when only its use count does: name, size,
 * state and address of each line of /proc/modules.
 *
 *     nfsd 815104 13 auth_rpcgss,lockd, Live 0xffffffffc0201000 (E)
 */
export function loadedModules(files: HostFiles = HOST_FILES): string {
  const text = readOptionalHostText(`${files.proc}/modules`) ?? '';
  return text.replace(/^(\S+ \d+) \S+ \S+ (\S+ \S+).*$/gm, '$1 $2');
}
