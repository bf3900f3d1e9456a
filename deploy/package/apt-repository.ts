import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Cpu } from './cpus.ts';
import { run } from './run.ts';

/** What an apt repository is made of. */
export interface RepositoryOptions {
  /** The folder with the packages, in which the folder `apt` is made. */
  readonly folder: string;
  readonly debs: readonly string[];
  readonly cpus: readonly Cpu[];
  readonly epochSeconds: number;
  /**
   * The key of gpg that signs it, because apt knows no other signature. Without it, apt needs [trusted=yes].
   */
  readonly gpgKey?: string | undefined;
}

const SUITE = 'dists/stable';

/**
 * Makes a static apt repository: https://wiki.debian.org/DebianRepository/Format. Any web server can serve
 * it.
 */
export function writeAptRepository({ folder, debs, cpus, epochSeconds, gpgKey }: RepositoryOptions): void {
  const apt = join(folder, 'apt');
  mkdirSync(join(apt, 'pool'), { recursive: true });
  for (const deb of debs) linkSync(join(folder, deb), join(apt, 'pool', deb));
  const indexes = cpus.flatMap(({ debian }) => {
    const text = run('dpkg-scanpackages', ['--multiversion', '--arch', debian, 'pool'], { cwd: apt });
    const path = `main/binary-${debian}/Packages`;
    return [
      [path, Buffer.from(text)],
      [`${path}.gz`, gzipSync(text, { level: 9 })],
    ] as const;
  });
  for (const [path, content] of indexes) {
    mkdirSync(join(apt, SUITE, path, '..'), { recursive: true });
    writeFileSync(join(apt, SUITE, path), content);
  }
  const release = [
    'Origin: farcall',
    'Label: farcall',
    'Suite: stable',
    'Codename: stable',
    `Date: ${new Date(epochSeconds * 1000).toUTCString().replace('GMT', 'UTC')}`,
    `Architectures: ${cpus.map(({ debian }) => debian).join(' ')}`,
    'Components: main',
    'SHA256:',
    ...indexes.map(([path, content]) => ` ${sha256(content)} ${content.length} ${path}`),
  ];
  const file = join(apt, SUITE, 'Release');
  writeFileSync(file, `${release.join('\n')}\n`);
  if (gpgKey !== undefined)
    run(
      'gpg',
      [
        ...['--batch', '--yes', '--local-user', gpgKey, '--faked-system-time', `${epochSeconds}!`],
        ...['--clearsign', '--output', join(apt, SUITE, 'InRelease'), file],
      ],
      { cwd: apt },
    );
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
