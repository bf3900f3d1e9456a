// Prepares this checkout: npm packages, the pinned Node, the built agent, Debian packages.
//
//   node deploy/setup/main.mjs [--for demo|quick|test|bench]
//
// Plain JavaScript without dependencies, because it runs first, under whatever Node (20 or later) the machine
// has. Each step checks first whether it has anything to do, so that `npm test` can always
// begin with it.

import { ensureBuild } from './build.mjs';
import { checkNode } from './check-node.mjs';
import { debianPackagesFor, ensureDebianPackages } from './debian-packages.mjs';
import { ensureNodePackages } from './node-packages.mjs';
import { ensurePinnedNode } from './pinned-node.mjs';

const flag = process.argv.indexOf('--for');
const purpose = flag < 0 ? 'setup' : process.argv[flag + 1];

try {
  checkNode(process.versions.node);
  ensureNodePackages();
  ensurePinnedNode();
  ensureBuild();
  ensureDebianPackages(debianPackagesFor(purpose));
} catch (error) {
  console.error(`setup: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
