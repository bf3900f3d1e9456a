import { chmodSync, cpSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One file, symbolic link or folder of a package. Everything belongs to root. */
export interface Entry {
  /** Its path from the root of the file system, without the leading slash. */
  readonly path: string;
  readonly from:
    | { readonly text: string | Uint8Array; readonly mode?: number }
    | { readonly copy: string; readonly mode?: number }
    | { readonly link: string }
    | { readonly folderMode: number };
}

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/**
 * Writes `entries` below `root`, with the given modes and with one time, in seconds, whatever umask and
 * time there are, so that the same entries always become the same bytes of a package.
 */
export function writeTree(root: string, entries: readonly Entry[], epochSeconds: number): void {
  mkdirSync(root, { recursive: true });
  for (const { path, from } of entries) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if ('link' in from) symlinkSync(from.link, target);
    else if ('folderMode' in from) mkdirSync(target, { recursive: true });
    else if ('text' in from) writeFileSync(target, from.text);
    else cpSync(from.copy, target);
  }
  const modes = new Map(entries.map(({ path, from }) => [path, modeOf(from)]));
  const below = readdirSync(root, { recursive: true, withFileTypes: true });
  for (const entry of below) {
    const path = join(entry.parentPath, entry.name);
    const mode = modes.get(path.slice(root.length + 1)) ?? FOLDER_MODE;
    if (!entry.isSymbolicLink()) chmodSync(path, mode);
    lutimesSync(path, epochSeconds, epochSeconds);
  }
  chmodSync(root, FOLDER_MODE);
  lutimesSync(root, epochSeconds, epochSeconds);
}

function modeOf(from: Entry['from']): number {
  if ('folderMode' in from) return from.folderMode;
  if ('link' in from) return FOLDER_MODE;
  return from.mode ?? FILE_MODE;
}

/** Every file below the folder `source`, as entries below `target`. `accept` leaves some out. */
export function copies(
  source: string,
  target: string,
  accept: (path: string) => boolean = () => true,
): Entry[] {
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(source.length + 1))
    .filter(accept)
    .sort()
    .map(path => ({ path: `${target}/${path}`, from: { copy: join(source, path) } }));
}
