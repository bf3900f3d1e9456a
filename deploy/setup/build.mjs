import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isConsoleBuilt } from '../build/console.mjs';
import { root } from './node-packages.mjs';
import { checkWritable } from './own-checkout.mjs';

/** The sources of the build. deploy/bin/farcall-agent and deploy/bin/farcall check their parts of them. */
const SOURCES = [
  ...['agent', 'controller', 'shared', 'proto', 'library', 'deploy/bin', 'deploy/build'],
  ...['package.json', 'package-lock.json'],
];

/**
 * Builds what is missing or older than its sources. The agent and the command line also run from their
 * sources, and then start more slowly. The console's page is served from its build only. Without development
 * packages nothing is built.
 */
export function ensureBuild() {
  if (existsSync(join(root, 'node_modules', 'rolldown')) && !isBuilt())
    build('main.mjs', 'the agent and the command line');
  if (existsSync(join(root, 'node_modules', 'vite')) && !isConsoleBuilt())
    build('console.mjs', 'the console');
}

function build(script, what) {
  checkWritable(join(root, 'dist'), `building ${what}`);
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  const { status } = spawnSync(node, [join(root, 'deploy', 'build', script)], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${what} cannot be built; the output above says why`);
}

/** Whether dist/ is newer than all of its sources. */
export function isBuilt() {
  const stamp = join(root, 'dist', 'built');
  const args = [...SOURCES, '-cnewer', stamp, '-print', '-quit'];
  const { status, stdout } = spawnSync('find', args, { cwd: root, encoding: 'utf8' });
  return status === 0 && stdout === '';
}
