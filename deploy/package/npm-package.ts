import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run } from './run.ts';

interface Locked {
  readonly version: string;
  readonly integrity: string;
}

/**
 * The folder of the npm package `name`, as package-lock.json locks it: the one of `npm ci`, or, for the other
 * CPU, one that npm fetches once into .cache.
 *
 * Threat: a registry that hands out another package. What is fetched is compared with the lock before it is
 * unpacked.
 */
export function npmPackage(root: string, name: string): string {
  const installed = join(root, 'node_modules', name);
  if (existsSync(installed)) return installed;
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const locked = lock.packages[`node_modules/${name}`] as Locked | undefined;
  if (!locked) throw new Error(`package-lock.json does not name ${name}`);
  const folder = join(root, '.cache', 'npm-packages', `${name.replaceAll('/', '-')}-${locked.version}`);
  if (!existsSync(folder)) fetchPackage(name, locked, folder);
  return folder;
}

function fetchPackage(name: string, { version, integrity }: Locked, folder: string): void {
  mkdirSync(join(folder, '..'), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    const packed = run('npm', ['pack', '--silent', '--pack-destination', draft, `${name}@${version}`], {
      cwd: draft,
    });
    const archive = readFileSync(join(draft, packed.trim().split('\n').at(-1) ?? ''));
    checkIntegrity(name, archive, integrity);
    const unpacked = join(draft, 'package');
    run('tar', ['-x', '-C', draft], { input: gunzipSync(archive) });
    renameSync(unpacked, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Throws unless `archive` has the SHA-512 that the lock names (`sha512-…` in base64). */
export function checkIntegrity(name: string, archive: Uint8Array, integrity: string): void {
  const actual = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (actual !== integrity)
    throw new Error(`${name} is not the package that package-lock.json locks: ${actual}, not ${integrity}`);
}
