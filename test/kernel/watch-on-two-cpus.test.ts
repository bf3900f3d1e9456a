import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, ensureKernel, type Machine } from '../../tools/machine/index.ts';
import { eventually } from '../kit/eventually.ts';
import { CaseResults } from './suite/case.ts';
import { guestScript } from './support/guest-script.ts';
import { type GuestStep, runPrograms } from './support/programs-in-guest.ts';

const AGENT = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));
const ONLINE = '/sys/devices/system/cpu/cpu1/online';

const sh = (script: string): GuestStep => ({ command: ['busybox', 'sh', '-c', script] });

/** Registered and taken out again, while both CPUs come through the function. */
const ROUNDS = 20;

const STEPS = {
  both: {
    program:
      'int seen = 0; watch (update_process_times) for_ms (20000) until (1) { seen |= 1 << smp_processor_id(); if (seen == 3) hit(); } seen',
  },
  leaving: sh(`(busybox sleep 1; echo 0 >${ONLINE}; busybox sleep 1; echo 1 >${ONLINE}) >/dev/null 2>&1 &`),
  left: {
    program:
      'int n = 0; watch_all { watch (update_process_times) for_ms (4000) n++; watch_return (vfs_open) for_ms (4000) n++; } n > 0',
  },
  online: sh(`cat ${ONLINE}`),
  rounds: {
    program: `int n = 0; for (int i = 0; i < ${ROUNDS}; i++) watch_any { watch (vfs_read) for_ms (20000) at_most (1000000) until (3) n++; watch_return (vfs_read) for_ms (20000) at_most (1000000) until (3) n++; } n >= 3 * ${ROUNDS}`,
  },
  probes: sh(
    '[ -e /sys/kernel/debug/kprobes ] || mount -t debugfs none /sys/kernel/debug; cat /sys/kernel/debug/kprobes/list',
  ),
} as const satisfies Readonly<Record<string, GuestStep>>;

describe('a watch on two CPUs', () => {
  let machine: Machine;
  let got: CaseResults;
  let logBefore: string;

  beforeAll(async () => {
    machine = await bootMachine({ kernel: await ensureKernel('6.12'), cpus: 2 });
    logBefore = await machine.output(['dmesg']);
    await runPrograms(machine, ['msleep(1)']);
    const busy = ['a', 'b'].map(() =>
      machine.start('while :; do busybox dd if=/dev/zero of=/dev/null bs=1 count=500 2>/dev/null; done'),
    );
    const { results } = await runPrograms(machine, Object.values(STEPS));
    for (const each of busy) each.kill();
    got = new CaseResults(
      Object.fromEntries(Object.keys(STEPS).map((name, index) => [name, results[index]!])),
    );
  });
  afterAll(() => machine?.[Symbol.asyncDispose]());

  test('a watch on two CPUs is entered on both, and loses no bit that they write at once', () => {
    expect(got.text('both')).toBe('(int)3');
  });

  test('a watch on two CPUs goes on while one of them leaves and comes back', () => {
    expect(got.text('left')).toBe('(int)1');
    expect(got.output('online').trim()).toBe('1');
  });

  test('a watch on two CPUs can be registered and taken out many times under load', () => {
    expect(got.text('rounds')).toBe('(int)1');
    expect(got.rows('rounds')).toHaveLength(2 * ROUNDS);
    expect(got.output('probes')).toBe('');
  });

  test('a watch on two CPUs whose agent is killed ends by its time, and leaves nothing', async () => {
    const agent = await guestScript(machine, AGENT);
    const program = 'watch (panic) for_ms (8000); 1';
    const calling = machine.start(`${agent.join(' ')} call '${program}' & echo $! >/tmp/agent; wait`);
    const list = async (): Promise<string> =>
      (await machine.run(['cat', '/sys/kernel/debug/kprobes/list'])).stdout;
    await eventually('the probe is there', async () => (await list()).includes('panic'));
    await machine.output('kill -9 $(cat /tmp/agent)');
    await eventually('the probe is gone', async () => !(await list()).includes('panic'));
    await eventually(
      'the module is gone',
      async () => !(await machine.output(['cat', '/proc/modules'])).includes('farcall'),
    );
    calling.kill();
    const log = (await machine.output(['dmesg'])).slice(logBefore.length);
    expect(log).not.toMatch(/WARNING|BUG|Oops|while atomic|imbalance|stall|lockup|unable to handle/i);
  });
});
