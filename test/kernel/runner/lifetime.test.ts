import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { bootMachine, ensureKernel } from '../../../tools/machine/index.ts';

const kernel = await ensureKernel('7.2');

test('a machine whose power is cut has ended, and so has what ran in it', async () => {
  const machine = await bootMachine({ kernel });
  const sleeping = machine.run('sleep 1000');
  const rejected = expect(sleeping).rejects.toThrow(/machine with 7\.2\S* killed/);
  expect((await machine.kill()).how).toBe('killed');
  expect((await machine.exited).how).toBe('killed');
  await rejected;
  await expect(machine.run('true')).rejects.toThrow(/killed/);
  expect(existsSync(`/proc/${machine.pid}`)).toBe(false);
  expect(existsSync(dirname(machine.console.file))).toBe(false);
});

test('a kernel that panics ends the machine visibly', async () => {
  await using machine = await bootMachine({ kernel });
  machine.start('echo c > /proc/sysrq-trigger');
  const end = await machine.exited;
  expect(end.how).toBe('panicked');
  expect(machine.console.text()).toContain('Kernel panic - not syncing: sysrq triggered crash');
  expect(machine.console.text()).toContain('sysrq_handle_crash');
  // The last lines of a trace; how long it is, the kernel's stack decides, where old addresses lie about.
  expect(end.tail).toContain('RIP: 0033:');
});

test('a machine stops in order', async () => {
  await using machine = await bootMachine({ kernel });
  const end = await machine.stop();
  expect(end).toEqual({ how: 'stopped', tail: expect.stringContaining('reboot: Power down') });
});

test('a machine does not outlive the process that booted it', async () => {
  const booting = spawn(process.execPath, [join(import.meta.dirname, 'boot-and-wait.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(booting.stdout, 'data');
  const pid = Number(String(line));
  expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toContain('qemu');
  booting.kill('SIGKILL');
  await once(booting, 'close');
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
});
