import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { FarcallError } from '../errors/index.ts';

/** The file with the checksums of a release, as `sha256sum -c` reads it. */
export const SUMS_FILE = 'SHA256SUMS';
/** Its signature. */
export const SIGNATURE_FILE = `${SUMS_FILE}.minisig`;

/** SHA-256 in hexadecimal, by path below the folder of the release. */
export type Checksums = ReadonlyMap<string, string>;

/**
 * A part of a path: no `.` or `..`, nothing hidden, no character that a shell or a terminal treats specially.
 */
const PART = '[A-Za-z0-9_][A-Za-z0-9_.+~-]*';
const LINE = new RegExp(`^([0-9a-f]{64}) {2}(${PART}(?:/${PART})*)$`);
const LIMIT_BYTES = 1024 * 1024;

/** The text of {@link SUMS_FILE}, in the order of the paths. */
export function checksumsText(sums: Checksums): string {
  return [...sums.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, sum]) => `${sum}  ${path}\n`)
    .join('');
}

/**
 * The checksums in `text`. Throws RELEASE_INVALID.
 *
 * Threat: a path that leads out of the folder. The person who verifies might read, and later install, another
 * file.
 */
export function parseChecksums(text: string): Checksums {
  if (text.length > LIMIT_BYTES) throw invalid(`it is longer than ${LIMIT_BYTES} bytes`);
  const sums = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const [, sum, path] = LINE.exec(line) ?? [];
    if (sum === undefined || path === undefined) throw invalid(`line ${index + 1} is no checksum`);
    if (sums.has(path)) throw invalid(`line ${index + 1} names ${path} again`);
    sums.set(path, sum);
  }
  if (sums.size === 0) throw invalid('it names no file');
  return sums;
}

/** SHA-256 of the file `path`, in hexadecimal. The file is read piece by piece. */
export async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function invalid(message: string): FarcallError {
  return new FarcallError('RELEASE_INVALID', `${SUMS_FILE}: ${message}`);
}
