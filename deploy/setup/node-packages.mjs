import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkWritable } from './own-checkout.mjs';

/** The top of this checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `npm ci` unless node_modules was installed from exactly this lock file. */
export function ensureNodePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.farcall-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  checkWritable(root, 'npm ci');
  console.error('setup: installing npm packages (npm ci)');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('npm ci failed; its output above says why');
  writeFileSync(stamp, lock);
}
