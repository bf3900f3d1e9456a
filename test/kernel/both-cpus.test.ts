import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GuestHost, SEEN_BY_GUESTS, startGuestHost } from '../../deploy/demo/guest-host.ts';
import { hostsHeard } from '../../deploy/demo/hosts-heard.ts';
import { farcall, mustFarcall } from '../../deploy/demo/operator.ts';
import { type Site, startSite } from '../../deploy/demo/site.ts';
import { eventually } from '../kit/eventually.ts';
import { runPrograms } from './support/programs-in-guest.ts';

/** One host of each CPU. */
const HOSTS = [
  { name: 'an-amd64', arch: 'amd64', series: '6.12', machine: 'x86_64' },
  { name: 'an-arm64', arch: 'arm64', series: '7.2', machine: 'aarch64' },
] as const;

const folder = mkdtempSync(join(tmpdir(), 'farcall-cpus-'));
const guests: GuestHost[] = [];
let site: Site;

beforeAll(async () => {
  site = await startSite({ folder, seenByHosts: SEEN_BY_GUESTS });
  for (const { name, arch, series } of HOSTS)
    guests.push(await startGuestHost({ site, name, series, arch, labels: { env: 'test' } }));
  await eventually('both hosts are known', () => hostsHeard(folder).length === HOSTS.length, {
    pauseMs: 500,
  });
});

afterAll(async () => {
  for (const { machine } of guests) await machine.kill();
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function asAlice(...command: string[]): Promise<string> {
  return (await farcall([...command, '--json'], { configFile: site.configOf('alice') })).stdout;
}

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is the test's to know
async function knownHosts(): Promise<any[]> {
  return JSON.parse(await asAlice('hosts'));
}

test('one program, two architectures, one report', async () => {
  const program = 'ns_to_timespec64(1500000000).tv_nsec + gcd(48, 36)';
  const request = [
    'request',
    program,
    '--hosts',
    'env=test',
    '--reason',
    'test',
    '--no-plan',
    '--yes',
    '--json',
  ];
  const { id, digest } = JSON.parse(await mustFarcall(request, { configFile: site.configOf('alice') }));
  for (const person of ['bob', 'carol'] as const)
    await mustFarcall(['approve', id, '--yes', '--digest', digest], { configFile: site.configOf(person) });
  await farcall(['watch', id], { configFile: site.configOf('alice') });
  const { hosts } = JSON.parse(await asAlice('report', id));
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints is the test's to know
  const rows = hosts.map(({ host, outcome, result }: any) => [host, outcome, result?.value?.text]);
  expect(rows.sort()).toEqual(HOSTS.map(({ name }) => [name, 'returned', '(unsigned long)500000012']));
  for (const { machine } of HOSTS) expect(JSON.stringify(await knownHosts())).toContain(`"${machine}"`);
  for (const guest of guests) expect(await guest.modulesLeft()).toEqual([]);
});

// Last, and not on a kernel that others share: it is never the same after an oops.
test('an oops of an arm64 kernel ends its call, and nothing else', async () => {
  // arm64 kernels have no type of it.
  const fault = 'extern size_t strlen(const char *s); strlen((const char *)8)';
  const { machine, modulesLeft } = guests[1]!;
  const steps = [fault, 'gcd(4, 6)'].map(program => ({ program, by: 'guest' }) as const);
  const { results } = await runPrograms(machine, steps);
  expect(results[0]).toMatchObject({
    outcome: 'faulted',
    error: { message: expect.stringMatching(/killed by SIG/) },
  });
  expect(results[1]).toMatchObject({ outcome: 'returned', value: { text: '(unsigned long)2' } });
  expect(await modulesLeft()).toHaveLength(1);
});
