import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-packages.mjs';

/**
 * Makes node_modules/.bin/node the Node version that package.json pins.
 *
 * The `node` package fetches its binary in an install script. If npm asks before it runs install scripts (or
 * was told to ignore them), the binary is missing after `npm ci`. This function then runs the same script.
 */
export function ensurePinnedNode() {
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies.node;
  if (installedVersion() === `v${pinned}`) return;
  console.error(`setup: fetching Node ${pinned}`);
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: join(root, 'node_modules', 'node'),
    stdio: ['ignore', 2, 2],
  });
  if (installedVersion() !== `v${pinned}`) {
    throw new Error(
      `node_modules/node/bin/node is not Node ${pinned}. Remove node_modules and run this again; ` +
        'if the npm registry is out of reach, that is the cause.',
    );
  }
}

function installedVersion() {
  const { stdout } = spawnSync(join(root, 'node_modules', 'node', 'bin', 'node'), ['--version'], {
    encoding: 'utf8',
  });
  return stdout?.trim();
}
