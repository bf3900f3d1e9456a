import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CPUS } from '../../deploy/package/cpus.ts';
import { writeDeb } from '../../deploy/package/deb.ts';
import { npmPackage } from '../../deploy/package/npm-package.ts';
import { packagesFor, rpmPackagesFor } from '../../deploy/package/programs.ts';
import { writeRpm } from '../../deploy/package/rpm.ts';
import { strippedNode } from '../../deploy/package/stripped-node.ts';
import { versionOf } from '../../deploy/package/write-release.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const VERSION = versionOf(ROOT);
const CPU = process.arch === 'arm64' ? CPUS.arm64 : CPUS.amd64;

/**
 * Runs `script` as root in a copy of this machine's file system, in which every change is on a layer of its
 * own and gone afterwards. dpkg, systemd-sysusers and systemd-tmpfiles are the machine's own; systemd does
 * not run.
 */
function inCopyOfMachine(debs: string, script: string): string {
  const outer = `
    set -e
    mount -t tmpfs -o size=2g none /mnt
    mkdir /mnt/upper /mnt/work /mnt/root
    mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work none /mnt/root
    mkdir -p /mnt/root/debs && cp ${debs}/*.deb ${debs}/*.rpm /mnt/root/debs/
    mount -t proc proc /mnt/root/proc
    mount --bind /dev /mnt/root/dev
    chroot /mnt/root /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -ec "$1"
    rm -r /mnt/root/debs
    echo LEFT
    find /mnt/upper ! -type c -path '*farcall*' -printf '/%P\\n'
  `;
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', outer, 'sh', script], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
  return stdout;
}

const linesOf = (text: string): string[] => text.trim().split('\n');

let folder: string;
beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'deploy/setup/main.mjs'), '--for', 'package'], {
    stdio: 'inherit',
  });
  folder = mkdtempSync(join(tmpdir(), 'farcall-install-'));
  const sources = {
    ...{ root: ROOT, dist: join(ROOT, 'dist'), version: VERSION },
    ...{ node: () => strippedNode(ROOT, CPU), npm: (name: string) => npmPackage(ROOT, name) },
  };
  for (const each of packagesFor(CPU, sources)) writeDeb(each, folder, { epochSeconds: 0, level: 0 });
  for (const each of rpmPackagesFor(CPU, sources).filter(({ name }) => name !== 'farcall'))
    writeRpm(each, folder, { epochSeconds: 0, level: 0 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('installed packages run, remove keeps what a person made, and purge leaves nothing behind', () => {
  const said = inCopyOfMachine(
    folder,
    `
    dpkg -i /debs/*.deb >&2
    farcall-agent --version
    farcall --version
    farcall-controller --version
    stat -c '%a %U %n' /etc/farcall /var/lib/farcall /var/cache/farcall /var/lib/farcall-controller
    systemctl enable farcall-agent.service >&2
    echo '{}' > /etc/farcall/policy.json
    echo journal > /var/lib/farcall/journal
    dpkg -r farcall-agent farcall-controller farcall >&2
    ls /etc/farcall/policy.json /var/lib/farcall/journal
    ls /etc/systemd/system/multi-user.target.wants | grep -c farcall || true
    test ! -e /usr/bin/farcall-agent && test ! -e /usr/lib/farcall && echo removed
    dpkg -P farcall-agent farcall-controller farcall >&2
    getent passwd farcall || echo no user
    `,
  );
  expect(linesOf(said)).toEqual([
    `farcall-agent ${VERSION}`,
    `farcall ${VERSION}`,
    `farcall-controller ${VERSION}`,
    '700 root /etc/farcall',
    '700 root /var/lib/farcall',
    '755 root /var/cache/farcall',
    '700 farcall /var/lib/farcall-controller',
    '/etc/farcall/policy.json',
    '/var/lib/farcall/journal',
    '0',
    'removed',
    'no user',
    'LEFT',
  ]);
});

test('a purge of the controller keeps a site, and says how to delete it', () => {
  const said = inCopyOfMachine(
    folder,
    `
    dpkg -i /debs/farcall-controller_*.deb >&2
    farcall-controller init --name ctl-1 --host ctl.example.org >/dev/null
    dpkg -P farcall-controller 2>&1 >/dev/null
    ls /var/lib/farcall-controller/controller.json
    getent passwd farcall >/dev/null && echo user stays
    `,
  );
  expect(said).toContain('To delete them: rm -r /var/lib/farcall-controller && userdel farcall');
  expect(said).toContain('/var/lib/farcall-controller/controller.json');
  expect(said).toContain('user stays');
});

test('packages of an rpm system run once they are installed, upgrade, and keep state when they are removed', () => {
  const said = inCopyOfMachine(
    folder,
    `
    rpm --initdb --dbpath /rpmdb
    rpm="rpm --dbpath /rpmdb --nodeps"
    $rpm -i /debs/*.rpm >&2
    farcall-agent --version
    farcall-controller --version
    stat -c '%a %U %n' /etc/farcall /var/lib/farcall /var/lib/farcall-controller
    echo journal > /var/lib/farcall/journal
    $rpm -V farcall-agent farcall-controller && echo verified
    $rpm -U --force /debs/farcall-agent-*.rpm >&2 && farcall-agent --version
    $rpm -e farcall-agent farcall-controller >&2
    test ! -e /usr/bin/farcall-agent && test ! -e /usr/lib/farcall && echo removed
    cat /var/lib/farcall/journal
    `,
  );
  expect(linesOf(said).slice(0, -1)).toEqual(
    expect.arrayContaining([
      ...['700 root /etc/farcall', '700 root /var/lib/farcall', '700 farcall /var/lib/farcall-controller'],
      ...['verified', 'removed', 'journal', `farcall-agent ${VERSION}`],
    ]),
  );
  expect(linesOf(said).filter(line => line === `farcall-agent ${VERSION}`)).toHaveLength(2);
});
