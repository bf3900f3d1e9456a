// Builds the agent, the controller, the operators' command line and the console's page: `npm run build` makes
// dist/ from agent/, controller/ and shared/.
//
// Node runs TypeScript directly, so a checkout needs no build. But stripping the types of 120 files makes
// `farcall-agent call` take seconds on a slow host, delays shell completion by one, and leaves the stripper
// in the memory of a controller. The build joins the files to a few for each command.
//
// dist contains everything that other machines need, except a Node of the pinned version as dist/bin/node:
//
//   bin/farcall-agent, lib/agent/             what a host needs, with
//   package.json, proto/                      its version, and the message definitions
//   library/                                  the C library of call programs
//   bin/farcall-controller, lib/controller/   what a controller needs besides those two, with
//   console/                                  the console's page: console.mjs
//   bin/farcall, lib/cli/                     the command line of operators, and commands.json for completion
//   lib/node_modules/                         koffi, by which each of them uses PKCS#11 tokens
//   built                                     when; deploy/bin compares the sources with it

import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { commandTree } from '../../controller/cli/core/index.ts';
import { buildProgram } from '../../controller/cli/program.ts';
import { definitionsText } from '../../shared/messages/wire/definitions.ts';
import { buildConsole } from './console.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const final = join(root, 'dist');
const fresh = join(root, `.dist-${process.pid}`);

/** CommonJS, because the ES module loader costs another 30 to 60 ms at each start under emulation. */
const OUTPUT_STYLE = {
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  // Comments would only be read at each start. Names stay, for stack traces.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
};

/**
 * `sources`: the file to run, and those of the threads and processes that it starts, which must be beside it
 * (shared/assets).
 */
async function bundle(folder, sources) {
  const input = Object.fromEntries(sources.map(source => [basename(source, '.ts'), join(root, source)]));
  const joined = await rolldown({ input, platform: 'node' });
  await joined.write({ ...OUTPUT_STYLE, dir: join(fresh, folder) });
  await joined.close();
}

const TOKEN_PROCESS = 'shared/pkcs11/token-process.ts';

/** koffi loads a native library beside it, so it is not bundled. Its C++ sources stay behind. */
function copyKoffi() {
  for (const name of ['koffi', `@koromix/koffi-linux-${process.arch}`])
    cpSync(join(root, 'node_modules', name), join(fresh, 'lib/node_modules', name), {
      recursive: true,
      filter: path => statSync(path).isDirectory() || /\.(c?js|json|node)$|LICENSE\.txt$/.test(path),
    });
  for (const unused of ['src/koffi/src/abi', 'vendor', 'doc', 'lib'])
    rmSync(join(fresh, 'lib/node_modules/koffi', unused), { recursive: true, force: true });
}

/** The commands of `farcall`, for completion; nothing of them depends on who runs them. */
function allCommands() {
  return commandTree(buildProgram({ terminal: {}, clock: {}, env: {} }, () => undefined));
}

/** What `agentVersion` reads besides the code. */
function writePackage() {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(fresh, 'package.json'), `${JSON.stringify({ name, version, license })}\n`);
}

try {
  mkdirSync(join(fresh, 'bin'), { recursive: true });
  // Written first, so that a source that changes during the build is newer.
  writeFileSync(join(fresh, 'built'), '');
  await bundle('lib/agent', ['agent/main.ts', TOKEN_PROCESS]);
  await bundle('lib/cli', [
    ...['controller/cli/main.ts', 'controller/cli/complete-main.ts'],
    'controller/auditor/statements/statement-worker.ts',
    TOKEN_PROCESS,
  ]);
  await bundle('lib/controller', [
    ...['controller/main.ts', 'controller/module-signing/derive-worker.ts'],
    'controller/store/sqlite/store-worker.ts',
    TOKEN_PROCESS,
  ]);
  writeFileSync(join(fresh, 'lib/cli/commands.json'), JSON.stringify(allCommands()));
  copyKoffi();
  writePackage();
  cpSync(join(root, 'proto'), join(fresh, 'proto'), { recursive: true });
  writeFileSync(
    join(fresh, 'proto/farcall/v1/all.json'),
    definitionsText(new URL('../../proto/farcall/v1/', import.meta.url)),
  );
  cpSync(join(root, 'library'), join(fresh, 'library'), { recursive: true });
  for (const program of ['farcall', 'farcall-agent', 'farcall-controller'])
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
