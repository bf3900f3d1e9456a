// Builds the agent, the operators' command line and the console's page: `npm run build` makes dist/ from agent/, controller/ and
// shared/.
//
// Node reads TypeScript directly, and from a checkout nothing need be built. But 120 files, each with its types taken out,
// make `farcall-agent call` take seconds on a slow host, and who presses TAB behind `farcall` waits for one. The build joins
// them to one file per command.
//
// dist without console/ is all that a host needs, with a Node of the pinned version as dist/bin/node:
//
//   bin/farcall-agent   starts it
//   lib/agent/*.cjs     the code; lib/package.json, its version
//   bin/farcall         starts the command line of operators, lib/cli/*.cjs; hosts do not need it
//   proto/              how messages are laid out
//   built               when; deploy/bin/farcall-agent compares the sources with it
//   console/            the console's page, for the controller: console.mjs

import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { buildConsole } from './console.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const final = join(root, 'dist');
const fresh = join(root, `.dist-${process.pid}`);

/** CommonJS, because the loader of ES modules comes on top of it: 30 to 60 ms of a start under emulation. */
const OUTPUT_STYLE = {
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  // Comments are of no use there, and would be read at each start. Names stay, for stack traces.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
};

async function bundle(source, folder) {
  const joined = await rolldown({ input: { main: join(root, source) }, platform: 'node' });
  await joined.write({ ...OUTPUT_STYLE, dir: join(fresh, folder) });
  await joined.close();
}

/** What `agentVersion` reads beside the code. */
function writePackage() {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(fresh, 'lib/package.json'), `${JSON.stringify({ name, version, license })}\n`);
}

try {
  mkdirSync(join(fresh, 'bin'), { recursive: true });
  // Written first: what changes during the build is newer.
  writeFileSync(join(fresh, 'built'), '');
  await bundle('agent/main.ts', 'lib/agent');
  await bundle('controller/cli/main.ts', 'lib/cli');
  writePackage();
  cpSync(join(root, 'proto'), join(fresh, 'proto'), { recursive: true });
  for (const program of ['farcall', 'farcall-agent'])
    copyFileSync(join(root, 'deploy/bin', program), join(fresh, 'bin', program));
  mkdirSync(final, { recursive: true });
  for (const name of readdirSync(fresh)) {
    rmSync(join(final, name), { recursive: true, force: true });
    renameSync(join(fresh, name), join(final, name));
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

await buildConsole();
