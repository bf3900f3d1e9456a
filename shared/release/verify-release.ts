import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FarcallError } from '../errors/index.ts';
import { checksumOf, parseChecksums, SIGNATURE_FILE, SUMS_FILE } from './checksums.ts';
import { type ReleaseKey, verifyReleaseSignature } from './minisign.ts';

/** A release whose every file is as its maker signed it. */
export interface VerifiedRelease {
  /** What the maker signed beside the checksums: name and version of the release. */
  readonly comment: string;
  /** The paths of its files, below its folder. */
  readonly files: readonly string[];
}

/**
 * Verifies the release in `folder` by its maker's `key`. Throws RELEASE_INVALID naming every file that is
 * missing, was changed, or that nobody signed; FILE_UNREADABLE.
 *
 * Threat: a file that was put beside the others. A package manager takes whatever package of a folder has the
 * highest version, so a file without a checksum is refused, and not ignored.
 */
export async function verifyRelease(folder: string, key: ReleaseKey): Promise<VerifiedRelease> {
  const sumsText = read(join(folder, SUMS_FILE));
  const comment = verifyReleaseSignature(sumsText, read(join(folder, SIGNATURE_FILE)).toString('utf8'), key);
  const sums = parseChecksums(sumsText.toString('utf8'));
  const present = filesBelow(folder).filter(path => path !== SUMS_FILE && path !== SIGNATURE_FILE);
  const problems = [
    ...present.filter(path => !sums.has(path)).map(path => `nobody signed ${JSON.stringify(path)}`),
    ...[...sums.keys()].filter(path => !present.includes(path)).map(path => `${path} is missing`),
  ];
  for (const [path, sum] of sums)
    if (present.includes(path) && (await checksumOf(join(folder, path))) !== sum)
      problems.push(`${path} was changed`);
  if (problems.length > 0) throw new FarcallError('RELEASE_INVALID', `${folder}: ${problems.join('; ')}`);
  return { comment, files: [...sums.keys()] };
}

/** What is in `folder` and is no folder itself. A symbolic link is listed, and its target is not. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !lstatSync(path).isDirectory())
    .map(path => relative(folder, path));
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the file ${path} cannot be read`, { cause });
  }
}
