import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, ensureKernel, type Machine } from '../../tools/machine/index.ts';
import { eventually } from '../kit/eventually.ts';

const TOP = join(import.meta.dirname, '../..');
const SITE = '/var/lib/farcall-controller';
const UNITS = '/etc/systemd/system';
/** Enough for systemd to start what has no dependency but this. */
const ONLY_BROKER = `[Unit]
Description=only the broker
DefaultDependencies=no
Wants=farcall-broker.service
`;
const NETWORK_IS_UP = `[Unit]
Description=the network of a guest
DefaultDependencies=no
`;
/** A guest has what sysinit.target would make, and no journal. */
const IN_A_GUEST = `[Unit]
DefaultDependencies=no
[Service]
StandardOutput=null
StandardError=null
`;

describe('farcall-broker.service under systemd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-units-'));
  let machine: Machine;

  beforeAll(async () => {
    execFileSync(
      join(TOP, 'deploy/bin/farcall-controller'),
      ['init', '--folder', join(folder, 'site'), '--name', 'ctl-1', '--host', '127.0.0.1'].concat(
        '--listen',
        '127.0.0.1',
      ),
      { stdio: 'pipe' },
    );
    machine = await bootMachine({ kernel: await ensureKernel('6.12') });
    await machine.output(
      `mkdir -p ${SITE} && cp -a ${folder}/site/. ${SITE} && sed -i s,${folder}/site,${SITE},g ${SITE}/nats/nats.conf
       echo farcall:x:990:990::${SITE}:/bin/false >>/etc/passwd; echo farcall:x:990: >>/etc/group
       chown -R 990:990 ${SITE}; mkdir -p /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup`,
    );
    const unit = readFileSync(join(TOP, 'deploy/systemd/farcall-broker.service'), 'utf8');
    await machine.writeFile(`${UNITS}/farcall-broker.service`, unit);
    await machine.writeFile(`${UNITS}/only-broker.target`, ONLY_BROKER);
    await machine.output(`mkdir -p ${UNITS}/farcall-broker.service.d`);
    await machine.writeFile(`${UNITS}/farcall-broker.service.d/guest.conf`, IN_A_GUEST);
    await machine.writeFile(`${UNITS}/network-online.target`, NETWORK_IS_UP);
    const systemd = '/lib/systemd/systemd --system --log-target=kmsg --unit=only-broker.target';
    const spaces = '/usr/bin/unshare --pid --mount --cgroup --fork --mount-proc';
    await machine.run(`${spaces} env container=farcall ${systemd} >/dev/null 2>&1 &`);
    await becomes('active');
  });

  afterAll(async () => {
    await machine?.stop();
    rmSync(folder, { recursive: true });
  });

  /** Runs a command where systemd is the first process. */
  const inside = (command: string) =>
    machine.run(`nsenter -t $(pgrep -f '^/lib/systemd/systemd --system') -m -p ${command}`);
  const property = async (name: string): Promise<string> =>
    (await inside(`systemctl show farcall-broker -p ${name} --value`)).stdout.trim();
  const becomes = (state: string) =>
    eventually(`the unit is ${state}`, async () => (await property('ActiveState')) === state, {
      pauseMs: 500,
    });
  const pid = async (): Promise<string> => (await machine.run('pgrep -x nats-server')).stdout.trim();
  const listens = () =>
    eventually('the broker listens', async () => {
      const { stdout } = await machine.run('busybox netstat -ltn');
      return stdout.includes('127.0.0.1:4222');
    });

  test('the broker starts with the configuration of init, as its own user, without capabilities', async () => {
    await listens();
    const status = await machine.output(`cat /proc/${await pid()}/status`);
    expect(status).toMatch(/Uid:\t990\t990\t990\t990\n/);
    expect(status).toMatch(/CapEff:\t0+\nCapBnd:\t0+\n/);
    expect(status).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2\n/);
  });

  test('the broker may write where it keeps refused logins, and nowhere else, and cannot read what is offline', async () => {
    const within = async (command: string) =>
      (await machine.run(`nsenter -t ${await pid()} -m ${command}`)).exitCode;
    expect(await within(`touch ${SITE}/nats/claims/x`)).toBe(0);
    for (const path of [`${SITE}/x`, '/etc/x', '/usr/x']) expect(await within(`touch ${path}`)).not.toBe(0);
    expect(await within(`cat ${SITE}/offline/broker-seeds.json`)).not.toBe(0);
  });

  test('a broker that is killed is started again by its unit', async () => {
    const before = await pid();
    await machine.run(`kill -9 ${before}`);
    await eventually('it was started again', async () => !['', before].includes(await pid()), {
      pauseMs: 500,
    });
    await becomes('active');
    await listens();
    expect(await property('NRestarts')).toBe('1');
  });

  test('the broker reads its configuration again without ending, and stops in good order', async () => {
    const before = await pid();
    expect((await inside('systemctl reload farcall-broker')).exitCode).toBe(0);
    expect(await pid()).toBe(before);
    expect((await inside('systemctl stop farcall-broker')).exitCode).toBe(0);
    expect([await property('ActiveState'), await property('Result'), await pid()]).toEqual([
      'inactive',
      'success',
      '',
    ]);
  });
});
