import { linkSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

/** What a dnf repository is made of. */
export interface DnfRepositoryOptions {
  /** The folder with the packages, in which the folder `dnf` is made. */
  readonly folder: string;
  readonly rpms: readonly string[];
  readonly epochSeconds: number;
  /** The key of gpg that signs its list, for repo_gpgcheck=1. */
  readonly gpgKey?: string | undefined;
}

/** Makes a static dnf repository, which any web server can serve. */
export function writeDnfRepository({ folder, rpms, epochSeconds, gpgKey }: DnfRepositoryOptions): void {
  const dnf = join(folder, 'dnf');
  mkdirSync(dnf, { recursive: true });
  for (const rpm of rpms) {
    linkSync(join(folder, rpm), join(dnf, rpm));
    // The list tells when each file was written.
    utimesSync(join(dnf, rpm), epochSeconds, epochSeconds);
  }
  run('createrepo_c', [
    ...['--quiet', '--no-database', '--simple-md-filenames', '--revision', String(epochSeconds)],
    ...['--set-timestamp-to-revision', dnf],
  ]);
  if (gpgKey === undefined) return;
  const list = join(dnf, 'repodata/repomd.xml');
  run('gpg', [
    ...['--batch', '--yes', '--local-user', gpgKey, '--faked-system-time', `${epochSeconds}!`],
    ...['--armor', '--detach-sign', '--output', `${list}.asc`, list],
  ]);
}
