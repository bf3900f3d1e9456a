import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, ensureKernel, type KernelSeries } from '../../../tools/machine/index.ts';
import { guestScript } from '../support/guest-script.ts';
import type { LockedReport } from './guest-locked.ts';

const SCRIPT = fileURLToPath(new URL('guest-locked.ts', import.meta.url));
// Each can be raised at run time, and none lowered; so they build on each other.
const STEPS = [
  '/sys/module/module/parameters/sig_enforce=1',
  '/sys/kernel/security/lockdown=integrity',
  '/sys/kernel/security/lockdown=confidentiality',
  '/proc/sys/kernel/kptr_restrict=2',
  '/proc/sys/kernel/modules_disabled=1',
];
const NO_CAPABILITIES = ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'];

describe.each<KernelSeries>(['6.1', '7.2'])('a stock %s that is closed step by step', series => {
  let steps: readonly LockedReport[];
  let powerless: LockedReport;
  let release: string;

  beforeAll(async () => {
    await using machine = await bootMachine({ kernel: await ensureKernel(series) });
    release = machine.kernel.release;
    const script = await guestScript(machine, SCRIPT);
    const bare = ['/usr/bin/setpriv', ...NO_CAPABILITIES, ...script];
    powerless = JSON.parse(await machine.output(bare))[0];
    await machine.output(
      'grep -q " /sys/kernel/security " /proc/mounts || mount -t securityfs none /sys/kernel/security',
    );
    steps = JSON.parse(await machine.output([...script, ...STEPS]));
  });

  test('without capabilities: says which are missing, and what each is for', () => {
    expect(powerless.facts).toMatchObject({
      missingCapabilities: ['CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_SYSLOG'],
    });
    expect(powerless.kcore).toMatchObject(refusal('CAP_SYS_RAWIO'));
    expect(powerless.symbols).toMatchObject(refusal('CAP_SYSLOG'));
  });

  test('open: everything is there', () => {
    expect(steps[0]!.facts).toMatchObject({ lockdown: 'none', sigEnforce: false, modulesDisabled: false });
    expect(steps[0]).toMatchObject({ kcore: true, symbols: 1 });
  });

  test('signatures enforced: seen at once', () => {
    expect(steps[1]!.facts).toMatchObject({ sigEnforce: true });
  });

  test('integrity: memory and symbols stay readable', () => {
    expect(steps[2]!.facts).toMatchObject({ lockdown: 'integrity' });
    expect(steps[2]).toMatchObject({ kcore: true, symbols: 1 });
  });

  test('confidentiality: memory is closed, module files tell what modules need', () => {
    expect(steps[3]!.facts).toMatchObject({ lockdown: 'confidentiality' });
    expect(steps[3]!.kcore).toMatchObject(refusal('locked down'));
    expect(steps[3]!.symbols).toBe(1);
    expect(steps[3]!.abi).toMatchObject({ vermagic: expect.stringContaining(release) });
  });

  test('addresses hidden: names the right and the setting', () => {
    expect(steps[4]!.symbols).toMatchObject(refusal('kptr_restrict'));
  });

  test('modules disabled: seen at once', () => {
    expect(steps[5]!.facts).toMatchObject({ modulesDisabled: true });
  });
});

function refusal(words: string) {
  return { code: 'PERMISSION', message: expect.stringContaining(words) };
}
