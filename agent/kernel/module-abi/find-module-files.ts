import { spawnSync } from 'node:child_process';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FarcallError } from '../../../shared/errors/index.ts';
import { HOST_FILES, type HostFiles, hostFileError } from '../host-files/index.ts';

const FILE_MAX_BYTES = 64 * 1024 * 1024;
const XZ_TIMEOUT_MS = 30_000;
/** Deeper than any kernel's own folders; a loop of links ends here. */
const DEPTH_MAX = 12;
const MODULE_NAME = /\.ko(?:\.gz|\.zst|\.xz)?$/;

/**
 * Paths of module files of `release`, plain ones and those that Node can unpack by itself in no particular
 * order, one folder after another, lazily.
 */
export function* moduleFiles(release: string, files: HostFiles = HOST_FILES): Generator<string> {
  if (release === '' || release.includes('/') || release === '..') return;
  yield* walk(join(files.modules, release), 0);
}

function* walk(folder: string, depth: number): Generator<string> {
  const entries = listFolder(folder);
  for (const entry of entries) {
    if (entry.isFile() && MODULE_NAME.test(entry.name)) yield join(folder, entry.name);
  }
  if (depth >= DEPTH_MAX) return;
  for (const entry of entries) {
    if (entry.isDirectory()) yield* walk(join(folder, entry.name), depth + 1);
  }
}

function listFolder(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * The unpacked bytes of a module file: plain, .gz and .zst by Node itself, .xz by the program `xz`.
 * @throws FarcallError FILE_UNREADABLE, also if there is no `xz`, and for files above 64 MiB
 */
export function readPackedModule(path: string): Uint8Array {
  try {
    if (statSync(path).size > FILE_MAX_BYTES)
      throw new FarcallError('FILE_UNREADABLE', `${path} is too large`);
    const packed = readFileSync(path);
    if (path.endsWith('.gz')) return zlib().gunzipSync(packed, { maxOutputLength: FILE_MAX_BYTES });
    if (path.endsWith('.zst')) return zlib().zstdDecompressSync(packed, { maxOutputLength: FILE_MAX_BYTES });
    return path.endsWith('.xz') ? unpackXz(path, packed) : packed;
  } catch (thrown) {
    throw hostFileError(path, thrown);
  }
}

/** Loaded when a module file is read, which is rare: under emulation it takes 30 ms of the start. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}

function unpackXz(path: string, packed: Uint8Array): Uint8Array {
  const run = spawnSync('xz', ['--decompress', '--stdout'], {
    input: packed,
    maxBuffer: FILE_MAX_BYTES,
    timeout: XZ_TIMEOUT_MS,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (run.error !== undefined || run.status !== 0) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      `${path} cannot be unpacked: the program xz is missing or failed`,
      {
        cause: run.error,
      },
    );
  }
  return run.stdout;
}
