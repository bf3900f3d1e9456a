import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureKernelHeaders, type Machine, sharedMachine } from '../../../tools/machine/index.ts';
import { guestScript } from '../support/guest-script.ts';
import type { ReticentReport } from './guest-reticent.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// CONFIG_KALLSYMS_ALL is off in Debian's 6.1 for arm64.
describe('a kernel that tells no symbols of data', () => {
  let machine: Machine;
  let report: ReticentReport;

  beforeAll(async () => {
    machine = await sharedMachine('6.1', { arch: 'arm64' });
    report = JSON.parse(await machine.output(await guestScript(machine, here('guest-reticent.ts'))));
  });

  test('a kernel that tells no symbols of data has functions and no variables', () => {
    expect(report).toMatchObject({ functions: 3, variables: 0 });
  });

  test('a kernel that tells no symbols of data tells vermagic and CRC through a module file, as its headers have them', async () => {
    const { build } = await ensureKernelHeaders(machine.kernel);
    const symvers = await readFile(join(build, 'Module.symvers'), 'utf8');
    const [, crc] = /^(0x[0-9a-f]{8})\tmodule_layout\t/m.exec(symvers)!;
    expect(report.fromMemory).toBe('KERNEL_LACKS');
    expect(report.fromFiles.moduleLayoutCrc).toBe(Number(crc));
    expect(report.fromFiles.vermagic).toMatch(/^\S+ SMP (preempt )?mod_unload modversions aarch64$/);
    expect(report.fromFiles.vermagic.split(' ')[0]).toBe(machine.kernel.release);
  });

  test('a kernel that tells no symbols of data finds tasks by a module; a plan says why it cannot', async () => {
    const agent = await guestScript(machine, here('../../../agent/main.ts'));
    expect(await machine.output([...agent, 'call', 'find_task(2)->comm'])).toBe('"kthreadd"\n');
    const plan = await machine.output([...agent, 'plan', 'find_task(2)->comm']);
    expect(plan).toMatch(
      /only a module can tell what this program asks: this kernel lacks the symbol init_pid_ns/,
    );
    expect(plan).toMatch(/^module: \d+ bytes/m);
  });
});
