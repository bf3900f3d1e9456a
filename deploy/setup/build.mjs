import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-packages.mjs';

/** What the build is made from; deploy/bin/farcall-agent looks at the same. */
const SOURCES = ['agent', 'shared', 'proto', 'package.json', 'package-lock.json'];

/**
 * Builds the agent where there is no build, or one that is older than its sources. Nothing needs it: without, the agent
 * runs from its sources, and starts more slowly. Without development packages it cannot be built, and is left so.
 */
export function ensureBuild() {
  if (isFresh() || !existsSync(join(root, 'node_modules', 'rolldown'))) return;
  console.error('setup: building the agent');
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  const { status } = spawnSync(node, [join(root, 'deploy', 'build', 'main.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the agent cannot be built; the output above says why');
}

function isFresh() {
  const stamp = join(root, 'dist', 'built');
  const args = [...SOURCES, '-cnewer', stamp, '-print', '-quit'];
  const { status, stdout } = spawnSync('find', args, { cwd: root, encoding: 'utf8' });
  return status === 0 && stdout === '';
}
