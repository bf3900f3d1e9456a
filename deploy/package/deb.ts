import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cpu } from './cpus.ts';
import { run } from './run.ts';
import { type Entry, writeTree } from './tree.ts';

/** A package as dpkg knows it. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly cpu: Cpu;
  readonly depends: string;
  readonly recommends?: string;
  /** The first line is the synopsis. */
  readonly description: readonly string[];
  readonly entries: readonly Entry[];
  /** Maintainer scripts by name: postinst, prerm, postrm. */
  readonly scripts: ReadonlyMap<string, string>;
}

/** What makes two packages of the same entries the same bytes. */
export interface DebOptions {
  readonly epochSeconds: number;
  /** Of xz, 0 to 9. */
  readonly level: number;
}

const MAINTAINER = 'farcall <farcall@localhost>';

/** Writes `deb` into the folder `out` and returns the name of the file. */
export function writeDeb(deb: DebianPackage, out: string, { epochSeconds, level }: DebOptions): string {
  const file = `${deb.name}_${deb.version}_${deb.cpu.debian}.deb`;
  const stage = mkdtempSync(join(tmpdir(), 'farcall-package-'));
  try {
    writeTree(join(stage, 'tree'), [...controlEntries(deb), ...deb.entries], epochSeconds);
    run(
      'dpkg-deb',
      [
        ...['--root-owner-group', '-Zxz', `-z${level}`, '--threads-max=2'],
        ...['--build', join(stage, 'tree'), join(out, file)],
      ],
      { env: { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) } },
    );
    return file;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function controlEntries(deb: DebianPackage): Entry[] {
  const conffiles = deb.entries.filter(({ path }) => path.startsWith('etc/') && !isFolder(deb, path));
  const texts: [name: string, text: string, mode?: number][] = [
    ['control', controlText(deb)],
    ['md5sums', md5sums(deb.entries)],
    ...(conffiles.length === 0
      ? []
      : ([['conffiles', conffiles.map(({ path }) => `/${path}\n`).join('')]] as [string, string][])),
    ...[...deb.scripts].map(([name, text]): [string, string, number] => [name, text, 0o755]),
  ];
  return texts.map(([name, text, mode = 0o644]) => ({ path: `DEBIAN/${name}`, from: { text, mode } }));
}

function isFolder({ entries }: DebianPackage, path: string): boolean {
  return entries.some(entry => entry.path === path && 'folderMode' in entry.from);
}

function controlText(deb: DebianPackage): string {
  const [synopsis, ...rest] = deb.description;
  const lines = [
    `Package: ${deb.name}`,
    `Version: ${deb.version}`,
    `Architecture: ${deb.cpu.debian}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${Math.ceil(deb.entries.reduce((sum, entry) => sum + sizeOf(entry), 0) / 1024)}`,
    `Depends: ${deb.depends}`,
    ...(deb.recommends === undefined ? [] : [`Recommends: ${deb.recommends}`]),
    'Section: admin',
    'Priority: optional',
    `Description: ${synopsis}`,
    ...rest.map(line => ` ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

function sizeOf({ from }: Entry): number {
  if ('copy' in from) return statSync(from.copy).size;
  return 'text' in from ? Buffer.byteLength(from.text) : 0;
}

/** What `dpkg --verify` compares the files with: MD5, because dpkg reads nothing else. */
function md5sums(entries: readonly Entry[]): string {
  return entries
    .filter(({ path, from }) => ('copy' in from || 'text' in from) && !path.startsWith('etc/'))
    .map(({ path, from }) => {
      const content = 'copy' in from ? readFileSync(from.copy) : 'text' in from ? from.text : '';
      return `${createHash('md5').update(content).digest('hex')}  ${path}\n`;
    })
    .join('');
}
