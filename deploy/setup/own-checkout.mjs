import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/**
 * Throws, with words for a person, if this user may not write into `folder` (or into where it is to be made),
 * which `step` needs. A checkout that root has set up can be used by others; they cannot set it up.
 */
export function checkWritable(folder, step) {
  const existing = existsSync(folder) ? folder : dirname(folder);
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    throw new Error(
      `${step} writes into ${existing}, which the user ${nameOf()} may not (its owner has the id ${statSync(existing).uid}). ` +
        'Run npm run setup as its owner first, or make a checkout of your own',
    );
  }
}

function nameOf() {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}
