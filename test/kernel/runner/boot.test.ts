import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { bootMachine, ensureKernel, type KernelSeries, sharedMachine } from '../../../tools/machine/index.ts';

// What the machine itself needs; anything else in /proc/modules would be a trace of a test.
const EXPECTED_MODULES =
  /^(?:virtio\w*|9p|9pnet|9pnet_virtio|fscache|netfs|overlay|failover|net_failover|dimlib|crc\w*|\w*crc32c\w*)$/;

test.each<KernelSeries>(['6.1', '6.12', '7.2'])('a stock %s boots to commands', async series => {
  // Its own: tests that share one may have loaded modules.
  await using machine = await bootMachine({ kernel: await ensureKernel(series) });
  const [release, cpus, modules] = await Promise.all([
    machine.output('uname -r'),
    machine.output('nproc'),
    machine.output('cut -d" " -f1 /proc/modules'),
  ]);
  expect(release.trim()).toBe(machine.kernel.release);
  expect(release).toMatch(new RegExp(`^${series.replace('.', '\\.')}\\.`));
  expect(cpus.trim()).toBe('1');
  expect(
    modules
      .trim()
      .split('\n')
      .filter(name => !EXPECTED_MODULES.test(name)),
  ).toEqual([]);
});

test.each<KernelSeries>(['6.1', '6.12', '7.2'])(
  '%s has what an agent reads: types, symbols, memory, modules',
  async series => {
    const machine = await sharedMachine(series);
    const script =
      'cat /sys/kernel/btf/vmlinux | wc -c; grep -c . /proc/kallsyms; head -c 4 /proc/kcore | od -An -c';
    const [btf, symbols, magic] = (await machine.output(script)).split('\n');
    expect(Number(btf)).toBeGreaterThan(4_000_000);
    expect(Number(symbols)).toBeGreaterThan(90_000);
    expect(magic?.trim()).toBe('177   E   L   F');
    expect(await machine.output('ls /lib/modules/$(uname -r)/kernel/fs/9p')).toMatch(/^9p\.ko(\.xz)?\n$/);
  },
);

test('5.10 boots too, and has types and the nofault copies under their later names', async () => {
  const machine = await sharedMachine('5.10');
  expect(await machine.output('uname -r')).toBe(`${machine.kernel.release}\n`);
  expect(await machine.output("grep -cE ' T copy_(from|to)_kernel_nofault$' /proc/kallsyms")).toBe('2\n');
  expect(await machine.output('ls /sys/kernel/btf')).toBe('vmlinux\n');
});

test("a cloud kernel boots without the host's root, with copies of what it was given", async () => {
  const kernel = await ensureKernel('6.12', { flavour: 'cloud' });
  await using machine = await bootMachine({ kernel, hostPaths: [import.meta.filename] });
  expect(await machine.output('uname -r')).toMatch(/-cloud-amd64\n$/);
  expect(await machine.output([machine.node, '-p', '6 * 7'])).toBe('42\n');
  expect((await machine.readFile(import.meta.filename)).equals(await readFile(import.meta.filename))).toBe(
    true,
  );
  expect((await machine.run(['ls', import.meta.dirname])).stdout).toBe(`${basename(import.meta.filename)}\n`);
});

test('the pinned Node runs in the guest', async () => {
  const machine = await sharedMachine('6.1');
  const version = await machine.output([machine.node, '-p', 'process.version']);
  expect(version.trim()).toBe(process.version);
});
