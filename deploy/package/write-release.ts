import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  checksumOf,
  checksumsText,
  releaseKeyOf,
  releaseKeyText,
  SIGNATURE_FILE,
  SUMS_FILE,
  signRelease,
} from '../../shared/release/index.ts';
import type { SigningKey } from '../../shared/tokens/index.ts';
import { writeAptRepository } from './apt-repository.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import type { Cpu } from './cpus.ts';
import { writeDeb } from './deb.ts';
import { writeDnfRepository } from './dnf-repository.ts';
import { packagesFor, rpmPackagesFor, type Sources } from './programs.ts';
import { provenance } from './provenance.ts';
import { writeRpm } from './rpm.ts';

/** What a release is made of. */
export interface ReleaseOptions {
  readonly sources: Sources;
  readonly cpus: readonly Cpu[];
  /** A new folder. */
  readonly out: string;
  /** The time of everything in it, in seconds. */
  readonly epochSeconds: number;
  /** Of xz, 0 to 9. */
  readonly level: number;
  /** Signs the checksums. Without it, the release has no signature. */
  readonly key?: SigningKey | undefined;
  readonly gpgKey?: string | undefined;
}

/**
 * Writes a release into a folder: packages, apt and dnf repositories, bill of materials, provenance,
 * checksums and their signature. The same sources, time and level give the same bytes. Returns the names of
 * the packages.
 */
export async function writeRelease(options: ReleaseOptions): Promise<string[]> {
  const { sources, cpus, out, epochSeconds, level, key, gpgKey } = options;
  const { root, version } = sources;
  mkdirSync(out);
  const debs = cpus.flatMap(cpu =>
    packagesFor(cpu, sources).map(each => writeDeb(each, out, { epochSeconds, level })),
  );
  const rpms = cpus.flatMap(cpu =>
    rpmPackagesFor(cpu, sources).map(each => writeRpm(each, out, { epochSeconds, level })),
  );
  const about = { root, version, epochSeconds };
  writeJson(join(out, `farcall-${version}.spdx.json`), billOfMaterials(about));
  const sums = await sumsOf(out);
  writeJson(join(out, `farcall-${version}.intoto.json`), await provenance({ ...about, level, sums }));
  writeAptRepository({ folder: out, debs, cpus, epochSeconds, gpgKey });
  writeDnfRepository({ folder: out, rpms, epochSeconds, gpgKey });
  await signAll(out, `farcall ${version}`, key);
  return [...debs, ...rpms];
}

async function signAll(out: string, comment: string, key: SigningKey | undefined): Promise<void> {
  if (key) writeFileSync(join(out, 'release.pub'), releaseKeyText(releaseKeyOf(key.publicJwk)));
  const text = checksumsText(await sumsOf(out));
  writeFileSync(join(out, SUMS_FILE), text);
  if (key) writeFileSync(join(out, SIGNATURE_FILE), await signRelease(Buffer.from(text), comment, key));
}

async function sumsOf(folder: string): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) sums.set(relative(folder, file), await checksumOf(file));
  return sums;
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, undefined, 1)}\n`);
}

/** The version that package.json names. */
export function versionOf(root: string): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version as string;
}
