import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-packages.mjs';

/** The version of Node, and SHA-256 of its binary for each CPU, in hex. */
export const NODE_BINARIES = JSON.parse(
  readFileSync(new URL('./node-binaries.json', import.meta.url), 'utf8'),
);

/**
 * Makes node_modules/node/bin/node the Node that this checkout pins, from the npm package of the CPU `arch`.
 *
 * Threat: this binary runs as root on every host. npm checks the package against package-lock.json. The
 * binary itself is compared with the digest in node-binaries.json each time, so that a binary is refused that
 * was changed after it was installed, or that another package put there.
 */
export function ensurePinnedNode({ modules = join(root, 'node_modules'), arch = process.arch } = {}) {
  const expected = NODE_BINARIES.sha256[arch];
  if (!expected)
    throw new Error(`farcall runs on ${Object.keys(NODE_BINARIES.sha256).join(' and ')}, not on ${arch}`);
  const source = join(modules, `node-linux-${arch}`, 'bin', 'node');
  const target = join(modules, 'node', 'bin', 'node');
  if (existsSync(source)) checkDigest(source, expected);
  if (!existsSync(target)) install(source, target);
  checkDigest(target, expected);
}

function install(source, target) {
  if (!existsSync(source))
    throw new Error(
      `${source} is missing: npm did not install it. Remove node_modules and run this again, without --omit=optional`,
    );
  mkdirSync(join(target, '..'), { recursive: true });
  rmSync(target, { force: true });
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

/** Throws if the file `path` does not have this SHA-256. */
export function checkDigest(path, expected) {
  const actual = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (actual === expected) return;
  throw new Error(
    `${path} is not the Node ${NODE_BINARIES.version} that deploy/setup/node-binaries.json names: its SHA-256 is ` +
      `${actual}, not ${expected}. Find out who changed it, then remove node_modules and run this again`,
  );
}
