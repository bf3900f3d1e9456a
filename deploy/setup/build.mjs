import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-packages.mjs';

/** What the build is made from; deploy/bin/farcall-agent and deploy/bin/farcall look at their parts of it. */
const SOURCES = ['agent', 'controller', 'shared', 'proto', 'package.json', 'package-lock.json'];

/**
 * Builds the agent and the command line where there is no build, or one that is older than its sources. Nothing needs it: without, they
 * run from their sources, and start more slowly. Without development packages nothing can be built, and is left so.
 */
export function ensureBuild() {
  if (isFresh() || !existsSync(join(root, 'node_modules', 'rolldown'))) return;
  console.error('setup: building the agent and the command line');
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  const { status } = spawnSync(node, [join(root, 'deploy', 'build', 'main.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the build fails; the output above says why');
}

function isFresh() {
  const stamp = join(root, 'dist', 'built');
  const args = [...SOURCES, '-cnewer', stamp, '-print', '-quit'];
  const { status, stdout } = spawnSync('find', args, { cwd: root, encoding: 'utf8' });
  return status === 0 && stdout === '';
}
