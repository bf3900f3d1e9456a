import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type KernelSeries, type Machine, sharedMachine } from '../../../tools/machine/index.ts';
import { guestScript } from '../support/guest-script.ts';
import type { GuestReport } from './guest-report.ts';

const SCRIPT = fileURLToPath(new URL('guest-report.ts', import.meta.url));
const ENCODINGS: Partial<Record<KernelSeries, string>> = {
  '6.1': 'absolute-percpu',
  '6.12': 'absolute-percpu',
  '7.2': 'place-relative',
};

describe.each<KernelSeries>(['5.10', '6.1', '6.12', '7.2'])('the kernel of a stock %s', series => {
  let machine: Machine;
  let report: GuestReport;

  beforeAll(async () => {
    machine = await sharedMachine(series);
    report = JSON.parse(await machine.output(await guestScript(machine, SCRIPT)));
  });

  test('the kernel gives its symbols through its memory since it tells where they are', () => {
    const fromMemory = series !== '5.10';
    expect(report.origin).toBe(fromMemory ? 'memory' : 'text');
    if (!fromMemory) expect(report.fallbackReason).toMatch(/VMCOREINFO/);
  });

  test.runIf(series !== '5.10')('the kernel says the same in memory and in text', () => {
    const { symbols, ...differences } = report.comparison!;
    expect(symbols).toBeGreaterThan(90_000);
    expect(differences).toEqual({
      encoding: ENCODINGS[series],
      sameNames: true,
      otherSymbols: [],
      otherLookups: [],
    });
  });

  test('the kernel is read at the addresses of its symbols', async () => {
    expect(report.banner).toBe(await machine.output('cat /proc/version'));
    expect(report.faultAtNull).toBe('CALL_FAULTED');
    expect(report.inside).toBe('wake_up_process+5');
    expect(report.similar).toContain('wake_up_process');
    expect(report.moduleSymbols).toEqual(['9pnet']);
  });

  test('asks of modules what its own module files carry', () => {
    expect(report.abiFromMemory).toEqual(report.abiFromFiles);
    const release = machine.kernel.release.replaceAll('.', '\\.').replaceAll('+', '\\+');
    expect(report.abiFromMemory).toMatchObject({
      vermagic: expect.stringMatching(`^${release} SMP .*mod_unload `),
    });
    const crc =
      series === '7.2'
        ? expect.not.objectContaining({ moduleLayoutCrc: expect.anything() })
        : { moduleLayoutCrc: expect.any(Number) };
    expect(report.abiFromMemory).toMatchObject(crc);
  });

  test('the kernel is in the state that /proc shows', async () => {
    const [release, arch, taint, bootId] = (
      await machine.output('uname -r; uname -m; cat /proc/sys/kernel/tainted /proc/sys/kernel/random/boot_id')
    ).split('\n');
    expect(report.facts).toMatchObject({
      kernelRelease: release,
      arch,
      taint: Number(taint),
      bootId,
      modulesDisabled: false,
      sigEnforce: false,
      missingCapabilities: [],
    });
  });

  test('writes its log where we read it', async () => {
    const dmesg = (await machine.output('dmesg | grep "farcall test"')).trimEnd().split('\n').slice(-2);
    expect([...report.log, ...report.logAfterSeek]).toEqual(dmesg);
    expect(report.log).toEqual([expect.stringMatching(/^\[ *\d+\.\d{6}\] farcall test: wörld \\ one$/)]);
  });
});
