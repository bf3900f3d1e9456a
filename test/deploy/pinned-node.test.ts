import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
// @ts-expect-error plain JavaScript that runs before TypeScript can
import { checkDigest, ensurePinnedNode, NODE_BINARIES } from '../../deploy/setup/pinned-node.mjs';
import { temporaryDirectory } from '../agent/support/temporary-directory.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const binaryOf = (modules: string, name: string): string => join(modules, name, 'bin', 'node');

/** A node_modules in which npm has put the package of this CPU. */
function installed(): string {
  const modules = temporaryDirectory();
  const path = binaryOf(modules, `node-linux-${process.arch}`);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(process.execPath, path);
  return modules;
}

test('every package is locked with its integrity, and with no address of a mirror', () => {
  const packages = Object.entries<Record<string, unknown>>(lock.packages).filter(([path]) => path !== '');
  expect(packages.filter(([, { integrity }]) => !/^sha512-/.test(String(integrity)))).toEqual([]);
  expect(packages.filter(([, entry]) => 'resolved' in entry)).toEqual([]);
});

test('protobufjs and koffi alone have install scripts among what hosts and controllers run, and npm runs neither', () => {
  const scripted = Object.entries<Record<string, unknown>>(lock.packages)
    .filter(([, entry]) => entry['hasInstallScript'] && !entry['dev'])
    .map(([path]) => path.split('node_modules/').at(-1));
  expect(new Set(scripted)).toEqual(new Set(['protobufjs', 'koffi']));
});

test('the digests are of the version that is locked', () => {
  for (const arch of Object.keys(NODE_BINARIES.sha256))
    expect(lock.packages[`node_modules/node-linux-${arch}`].version).toBe(NODE_BINARIES.version);
});

test('the binary of the locked package becomes the pinned Node', () => {
  const modules = installed();
  ensurePinnedNode({ modules });
  const { ino } = statSync(binaryOf(modules, 'node'));
  expect(ino).toBe(statSync(binaryOf(modules, `node-linux-${process.arch}`)).ino);
  ensurePinnedNode({ modules });
});

test.each(['node', `node-linux-${process.arch}`])('a changed binary in the package %s is refused', name => {
  const modules = installed();
  ensurePinnedNode({ modules });
  const path = binaryOf(modules, name);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  expect(() => ensurePinnedNode({ modules })).toThrow(/is not the Node .* Find out who changed it/);
});

test('a changed binary is refused before it is installed', () => {
  const modules = installed();
  appendFileSync(binaryOf(modules, `node-linux-${process.arch}`), 'x');
  expect(() => ensurePinnedNode({ modules })).toThrow(/its SHA-256 is/);
  expect(() => statSync(binaryOf(modules, 'node'))).toThrow(/ENOENT/);
});

test('a missing package is an error that says what to do, and so is a CPU without a binary', () => {
  expect(() => ensurePinnedNode({ modules: temporaryDirectory() })).toThrow(/without --omit=optional/);
  expect(() => ensurePinnedNode({ modules: temporaryDirectory(), arch: 's390x' })).toThrow(/not on s390x/);
});

test('a digest is compared with the bytes of the file', () => {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, 'some bytes');
  checkDigest(path, createHash('sha256').update('some bytes').digest('hex'));
  expect(() => checkDigest(path, '0'.repeat(64))).toThrow(/node-binaries.json/);
});
