import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-packages.mjs';

/** What the build is made from; deploy/bin/farcall-agent and deploy/bin/farcall look at their parts of it. */
const SOURCES = ['agent', 'controller', 'shared', 'proto', 'package.json', 'package-lock.json'];

/**
 * Builds what is not there, or older than its sources. Nothing needs the build of the agent and the command
 * line: without, they run from their sources, and start more slowly. The console's page is served from its
 * build only. Without development packages nothing can be built, and is left so.
 */
export function ensureBuild() {
  if (existsSync(join(root, 'node_modules', 'rolldown')) && !isFresh())
    build('main.mjs', 'the agent and the command line');
  // It knows by itself whether there is anything to do.
  if (existsSync(join(root, 'node_modules', 'vite'))) build('console.mjs', 'the console');
}

function build(script, what) {
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  const { status } = spawnSync(node, [join(root, 'deploy', 'build', script)], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${what} cannot be built; the output above says why`);
}

function isFresh() {
  const stamp = join(root, 'dist', 'built');
  const args = [...SOURCES, '-cnewer', stamp, '-print', '-quit'];
  const { status, stdout } = spawnSync('find', args, { cwd: root, encoding: 'utf8' });
  return status === 0 && stdout === '';
}
