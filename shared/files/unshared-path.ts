import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FarcallError } from '../errors/index.ts';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
const ROOT_UID = 0;

/**
 * Checks that only root, or the user of this process, can change or replace the file or folder `path`. `what`
 * names it in the error. Throws FILE_UNREADABLE that says which file or folder is wrong and how to repair it.
 *
 * Threat: a file decides what root does on this machine: whom it obeys, and what it allows. Somebody who can
 * write it, or rename another file into its place, decides that instead. So the file and every folder above
 * it belong to root or to this user, and nobody else may write to them. In a folder with the sticky bit, such
 * as /tmp, only owners can rename, so that it is let pass.
 */
export function checkUnshared(path: string, what: string): void {
  let each = resolved(path, what);
  check(each, what);
  while (dirname(each) !== each) {
    each = dirname(each);
    check(each, `the folder of the ${what}`);
  }
}

function resolved(path: string, what: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new FarcallError('FILE_UNREADABLE', `the ${what} ${path} cannot be read: ${reason}`, { cause });
  }
}

function check(path: string, what: string): void {
  const status = statSync(path);
  const { uid, mode } = status;
  const ownUid = process.getuid?.() ?? ROOT_UID;
  const owner = ownUid === ROOT_UID ? 'root' : `root or the user ${ownUid}`;
  const isSticky = status.isDirectory() && (mode & STICKY) !== 0;
  const problem =
    uid !== ROOT_UID && uid !== ownUid
      ? `belongs to the user ${uid}, not to ${owner}: chown root ${path}`
      : (mode & WRITABLE_BY_OTHERS) !== 0 && !isSticky
        ? `can be written by others than its owner: chmod go-w ${path}`
        : undefined;
  if (problem === undefined) return;
  throw new FarcallError('FILE_UNREADABLE', `${path} (${what}) ${problem}. Look first at what it contains`);
}
