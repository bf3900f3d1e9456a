import { closeSync, openSync, readSync } from 'node:fs';
import { HOST_FILES, type HostFiles, hostFileError, readOptionalHostText } from '../host-files.ts';
import { type ScannedSymbols, type ScanOptions, scanKallsymsText } from './scan-text.ts';

/**
 * Reads /proc/kallsyms: 60 to 100 ms, most of which the kernel spends on formatting.
 * @throws FarcallError PERMISSION, KALLSYMS_INVALID, FILE_UNREADABLE
 */
export function readKallsymsText(files: HostFiles = HOST_FILES, options: ScanOptions = {}): ScannedSymbols {
  const path = `${files.proc}/kallsyms`;
  let fd: number | undefined;
  try {
    const opened = openSync(path, 'r');
    fd = opened;
    return scanKallsymsText(buffer => readSync(opened, buffer, 0, buffer.length, null), options);
  } catch (thrown) {
    throw hostFileError(path, thrown);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * A text that changes when a module comes, goes or moves, and not when only its use count does: name, size, state
 * and address of each line of /proc/modules.
 *
 *     nfsd 815104 13 auth_rpcgss,lockd, Live 0xffffffffc0201000 (E)
 */
export function loadedModules(files: HostFiles = HOST_FILES): string {
  const text = readOptionalHostText(`${files.proc}/modules`) ?? '';
  return text.replace(/^(\S+ \d+) \S+ \S+ (\S+ \S+).*$/gm, '$1 $2');
}
