import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_BINARIES } from './pinned-node.ts';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Lock = Readonly<Record<string, LockedPackage>>;

/** What a bill names besides the npm packages. */
export interface BillOptions {
  readonly root: string;
  readonly version: string;
  readonly epochSeconds: number;
}

/**
 * An SPDX 2.3 document (https://spdx.github.io/spdx-spec/v2.3/): farcall, the pinned Node of each CPU, and
 * every npm package whose code is in a release, with what package-lock.json says of them.
 */
export function billOfMaterials({ root, version, epochSeconds }: BillOptions): object {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages as Lock;
  const parts = [
    ...releasedPackages(root, lock).map(path => npmPart(path, lock[path]!)),
    ...Object.entries(NODE_BINARIES.sha256).map(([cpu, sha256]) => nodePart(cpu, sha256)),
  ];
  const farcall = {
    ...{ SPDXID: 'SPDXRef-farcall', name: 'farcall', versionInfo: version },
    ...{ downloadLocation: 'NOASSERTION', licenseDeclared: 'GPL-2.0-or-later', filesAnalyzed: false },
  };
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `farcall-${version}`,
    documentNamespace: `https://farcall.invalid/spdx/farcall-${version}-${epochSeconds}`,
    creationInfo: { created: isoTime(epochSeconds), creators: [`Tool: farcall-package-${version}`] },
    packages: [farcall, ...parts],
    relationships: [
      relation('SPDXRef-DOCUMENT', 'DESCRIBES', farcall.SPDXID),
      ...parts.map(({ SPDXID }) => relation(farcall.SPDXID, 'CONTAINS', SPDXID)),
    ],
  };
}

/** SPDX takes whole seconds only. */
function isoTime(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

function relation(spdxElementId: string, relationshipType: string, relatedSpdxElement: string): object {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function npmPart(path: string, { version = '', integrity = '', license }: LockedPackage) {
  const name = nameOf(path);
  return {
    SPDXID: `SPDXRef-npm-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]+/g, '-')}`,
    ...{ name, versionInfo: version, downloadLocation: 'NOASSERTION', filesAnalyzed: false },
    licenseDeclared: license ?? 'NOASSERTION',
    checksums: [
      {
        algorithm: 'SHA512',
        checksumValue: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex'),
      },
    ],
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      },
    ],
  };
}

function nodePart(cpu: string, sha256: string) {
  return {
    SPDXID: `SPDXRef-node-${cpu}`,
    ...{ name: `node-linux-${cpu}`, versionInfo: NODE_BINARIES.version },
    ...{ downloadLocation: 'NOASSERTION', filesAnalyzed: false, licenseDeclared: 'MIT' },
    checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/**
 * The packages whose code is in a release: what the programs depend on, what the console's page imports, and
 * what those depend on. Paths in package-lock.json, sorted.
 */
export function releasedPackages(root: string, lock: Lock): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const reached = new Set<string>();
  const waiting = [...Object.keys(dependencies), ...pageImports(join(root, 'controller/console/web'))].map(
    name => ({ name, from: '' }),
  );
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const path = resolveIn(lock, next.from, next.name);
    if (path === undefined || reached.has(path)) continue;
    reached.add(path);
    const { dependencies: needs = {}, optionalDependencies: may = {} } = lock[path]!;
    for (const name of [...Object.keys(needs), ...Object.keys(may)]) waiting.push({ name, from: path });
  }
  return [...reached].filter(path => !isOfOtherSystem(path)).sort();
}

/** koffi has a package for each system; a release has those for Linux on its two CPUs. */
function isOfOtherSystem(path: string): boolean {
  return path.includes('/@koromix/') && !/-linux-(x64|arm64)$/.test(path);
}

function pageImports(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.tsx?$/.test(name),
  );
  const names = files.flatMap(file =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/(?:from|import) '((?:@[\w-]+\/)?[\w-]+)/g)].map(
      ([, name]) => name!,
    ),
  );
  return [...new Set(names)];
}

/** As Node resolves: the nearest node_modules above the package `from`. */
function resolveIn(lock: Lock, from: string, name: string): string | undefined {
  for (let above = from; ; above = above.slice(0, Math.max(0, above.lastIndexOf('/node_modules/')))) {
    const path = `${above === '' ? '' : `${above}/`}node_modules/${name}`;
    if (lock[path]) return path;
    if (above === '') return undefined;
  }
}
