// Builds the agent: `npm run build` makes dist/agent from agent/ and shared/.
//
// Node reads TypeScript directly, and from a checkout nothing need be built. But 120 files, each with its types taken out,
// make `farcall-agent call` take seconds on a slow host. The build joins them to one file per command.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { sourceStamps } from './source-stamps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const final = join(root, 'dist');
const fresh = join(root, `.dist-${process.pid}`);

/** CommonJS, because Node's own loader of modules comes on top of it: 30 to 60 ms of a start under emulation. */
const OUTPUT = {
  dir: join(fresh, 'agent'),
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  // Comments are of no use there, and have to be read at each start. Names stay, for stack traces.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
};

/** Joins the sources, and gives the paths of those that went in, node_modules aside. */
async function bundle() {
  const joined = await rolldown({ input: { main: join(root, 'agent/main.ts') }, platform: 'node' });
  const { output } = await joined.write(OUTPUT);
  await joined.close();
  const used = output.flatMap(chunk => chunk.moduleIds ?? []);
  return used.filter(path => path.startsWith(root) && !path.includes('/node_modules/'));
}

/** Puts the build in place whole: no agent starts from half of one. */
function replace() {
  rmSync(final, { recursive: true, force: true });
  mkdirSync(dirname(final), { recursive: true });
  renameSync(fresh, final);
}

try {
  const sources = await bundle();
  sources.push(join(root, 'package.json'), join(root, 'package-lock.json'));
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(fresh, 'package.json'), `${JSON.stringify({ name, version, license })}\n`);
  writeFileSync(join(fresh, 'sources.json'), `${JSON.stringify(sourceStamps(root, sources))}\n`);
  const start = readFileSync(new URL('start.cjs', import.meta.url));
  writeFileSync(join(fresh, 'agent', 'start.cjs'), start);
  replace();
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
