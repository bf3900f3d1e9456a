import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cpu } from './cpus.ts';
import { run } from './run.ts';
import { type Entry, writeTree } from './tree.ts';

/** A package as rpm knows it. */
export interface RpmPackage {
  readonly name: string;
  readonly version: string;
  readonly cpu: Cpu;
  readonly requires: readonly string[];
  /** The first line is the summary. */
  readonly description: readonly string[];
  readonly entries: readonly Entry[];
  /** Scriptlets by name: post, preun, postun. */
  readonly scripts: ReadonlyMap<string, string>;
}

/** What makes two packages of the same entries the same bytes. */
export interface RpmOptions {
  readonly epochSeconds: number;
  /** Of xz, 1 to 9; at 0 the payload is zstd of level 1, which is quickest. */
  readonly level: number;
}

/** Writes `rpm` into the folder `out` and returns the name of the file. */
export function writeRpm(rpm: RpmPackage, out: string, { epochSeconds, level }: RpmOptions): string {
  const stage = mkdtempSync(join(tmpdir(), 'farcall-rpm-'));
  try {
    const tree = join(stage, 'tree');
    writeTree(tree, rpm.entries, epochSeconds);
    const spec = join(stage, `${rpm.name}.spec`);
    writeFileSync(spec, specText(rpm, level === 0 ? 'w1.zstdio' : `w${level}.xzdio`));
    run(
      'rpmbuild',
      [
        ...[
          '-bb',
          '--quiet',
          '--nodeps',
          '--target',
          `${rpm.cpu.rpm}-linux`,
          '--buildroot',
          join(stage, 'root'),
        ],
        ...['--define', `_topdir ${join(stage, 'top')}`, '--define', `farcall_tree ${tree}`, spec],
      ],
      { env: { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds), TZ: 'UTC', LC_ALL: 'C' } },
    );
    const folder = join(stage, 'top/RPMS', rpm.cpu.rpm);
    const [file = ''] = readdirSync(folder);
    run('cp', [join(folder, file), join(out, `${file}.new`)]);
    renameSync(join(out, `${file}.new`), join(out, file));
    return file;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * A spec whose build only copies the tree. Nothing of rpmbuild changes what is in it: no second strip, no
 * compression of the manual, no search for dependencies; and nothing of this machine gets into the package.
 */
function specText(rpm: RpmPackage, payload: string): string {
  const [summary = '', ...rest] = rpm.description;
  return [
    '%define __os_install_post %{nil}',
    '%define debug_package %{nil}',
    '%define _build_id_links none',
    `%define _binary_payload ${payload}`,
    '%define _buildhost farcall.invalid',
    '%define use_source_date_epoch_as_buildtime 1',
    '%define clamp_mtime_to_source_date_epoch 1',
    `Name: ${rpm.name}`,
    `Version: ${rpm.version.replaceAll('-', '~')}`,
    'Release: 1',
    `Summary: ${summary}`,
    'License: GPL-2.0-or-later',
    'AutoReqProv: no',
    ...rpm.requires.map(each => `Requires: ${each}`),
    '%description',
    ...(rest.length > 0 ? rest : [summary]),
    '%install',
    'mkdir -p %{buildroot}',
    'cp -a %{farcall_tree}/. %{buildroot}/',
    ...[...rpm.scripts].flatMap(([name, text]) => [`%${name}`, text.replaceAll('%', '%%')]),
    '%files',
    '%defattr(-,root,root,-)',
    ...ownFolders(rpm.entries).map(path => `%dir "/${path}"`),
    ...rpm.entries.map(fileLine),
    '',
  ].join('\n');
}

/** The folders that no other package has: below usr/lib/farcall there are those of each program. */
function ownFolders(entries: readonly Entry[]): string[] {
  const folders = new Set<string>();
  for (const { path, from } of entries)
    if (!('folderMode' in from))
      for (
        let each = dirname(path);
        /^usr\/(lib\/farcall|share\/doc\/farcall)/.test(each);
        each = dirname(each)
      )
        folders.add(each);
  return [...folders].sort();
}

function fileLine({ path, from }: Entry): string {
  if ('folderMode' in from) return `%dir %attr(${from.folderMode.toString(8)},root,root) "/${path}"`;
  const kind = path.startsWith('etc/')
    ? '%config(noreplace) '
    : path.startsWith('usr/share/doc/')
      ? '%doc '
      : '';
  return `${kind}"/${path}"`;
}
