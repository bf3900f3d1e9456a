// Builds the console's page: dist/console, from controller/console/web. Nothing is built if dist/console
// was made from the same sources.
//
//   index.html   the page
//   assets/      scripts and styles, named by their content
//
// dist/console.sha256 is the digest of the sources that it was made from.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const final = join(root, 'dist/console');
const stamp = join(root, 'dist/console.sha256');

/** The sources of the page: its own files, what it shares with the controller, and the libraries. */
const SOURCES = [
  ...['controller/console/web', 'shared/errors', 'shared/invisible', 'shared/outcome', 'shared/rollout'],
  ...['shared/library', 'library'],
  ...['deploy/build/console.mjs', 'package-lock.json'],
];

/** SHA-256 over names and content of all sources. */
function sourcesDigest() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap(filesOf).sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function filesOf(path) {
  if (/\.[a-z]+$/.test(path)) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name).slice(root.length));
}

/** Whether dist/console was made from the sources as they are now. */
export function isConsoleBuilt() {
  if (!existsSync(join(final, 'index.html')) || !existsSync(stamp)) return false;
  return readFileSync(stamp, 'utf8') === sourcesDigest();
}

/** Builds the page unless it is up to date. Returns whether it was built. */
export async function buildConsole() {
  if (isConsoleBuilt()) return false;
  const digest = sourcesDigest();
  const { build } = await import('vite');
  const fresh = join(root, `.dist-console-${process.pid}`);
  try {
    await build(settings(fresh));
    mkdirSync(join(root, 'dist'), { recursive: true });
    rmSync(final, { recursive: true, force: true });
    renameSync(fresh, final);
    writeFileSync(stamp, digest);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return true;
}

function settings(outDir) {
  return {
    root: join(root, 'controller/console/web'),
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: true,
      target: ['chrome123', 'firefox120', 'safari17.5'],
      // The page's content security policy has no data: addresses, so no file is inlined into
      // another one.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1024,
      rolldownOptions: {
        checks: { pluginTimings: false },
        // Libraries mark files for React's server components, which the page does not use.
        onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log),
      },
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole();
