import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Machine, sharedMachine } from '../../tools/machine/index.ts';
import { eventually } from '../kit/eventually.ts';
import { CaseResults } from './suite/case.ts';
import { guestScript } from './support/guest-script.ts';
import { PROBED_KERNELS, type ProbedKernel } from './support/probed-kernels.ts';
import { type GuestStep, runPrograms } from './support/programs-in-guest.ts';

const AGENT = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

const TRACING = '/sys/kernel/tracing';

const sh = (script: string): GuestStep => ({ command: ['busybox', 'sh', '-c', script] });

/** Another probe at the entry of a function, by the kernel's own means. */
const OTHER_PROBE = sh(
  `[ -e ${TRACING}/events ] || mount -t tracefs none ${TRACING}; ` +
    `echo p:other update_process_times >${TRACING}/kprobe_events && echo 1 >${TRACING}/events/kprobes/other/enable`,
);
/** Says how often the other probe was met, before its removal empties the trace. */
const NO_OTHER_PROBE = sh(
  `grep -c other: ${TRACING}/trace; echo 0 >${TRACING}/events/kprobes/other/enable; echo >${TRACING}/kprobe_events`,
);
const PROBES = sh(
  '[ -e /sys/kernel/debug/kprobes ] || mount -t debugfs none /sys/kernel/debug; cat /sys/kernel/debug/kprobes/list',
);

/** A body behind the first instructions of a function. */
const inside = (offset: number): string =>
  `int n = 0; watch (do_exit + ${offset}) for_ms (20000) until (1) n++; n`;

/** More parameters than there are registers; the last is the head of an empty list on the caller's stack. */
const MANY = `
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
watch (do_mmap, file, addr, len, prot, flags, vm_flags, pgoff, populate, uf) for_ms (20000) until (3)
#else
watch (do_mmap, file, addr, len, prot, flags, pgoff, populate, uf) for_ms (20000) until (3)
#endif
  report(len % 4096 != len, prot, populate != 0, uf->next == uf && uf->prev == uf);`;

/** For 5.10, which has no types of modules. */
const DUMMY = {
  'dummy_xmit@dummy': 'extern int dummy_xmit@dummy(struct sk_buff *skb, struct net_device *dev);',
};

const STEPS = {
  tick: {
    program: 'watch (update_process_times, tick) for_ms (20000) until (3) report(tick, current->pid);',
  },
  many: { program: MANY },
  who: {
    program:
      'int who = 0, n = 0; watch (do_exit, code) for_ms (20000) until (1) { who = current->tgid; n++; hit(); } report(who, n); msleep(1); 7',
  },
  never: { program: 'watch (panic) for_ms (50); 5' },
  forbidden: { program: 'watch (get_kprobe) for_ms (50); 5' },
  fast: { program: 'watch (update_process_times) for_ms (20000) at_most (5) report(1);' },
  abandoned: { program: 'watch (update_process_times) for_ms (20000) until (2) *(int *)8; 6' },
  clock: {
    program:
      'watch (update_process_times) for_ms (20000) until (1) report(ktime_get_mono_fast_ns() != 0); ktime_get() > 0',
  },
  returned: {
    program:
      'watch_return (vfs_open, ret) for_ms (20000) until (3) report(ret, elapsed_ns() > 0 && elapsed_ns() < 60000000000);',
  },
  // A sleep begins before the watch is there, and others return when it is gone.
  where: {
    program:
      'watch (do_exit, code) for_ms (20000) until (1) report(boot_ns() > 0, smp_processor_id() < 64, stack_here());',
  },
  // From the guide: the next process that opens a file of this name is stopped.
  opener: sh(
    '[ -e /sys/kernel/debug/kprobes ] || mount -t debugfs none /sys/kernel/debug; echo >/tmp/farcall-named; (while ! grep -q vfs_open /sys/kernel/debug/kprobes/list; do busybox usleep 100000; done; exec busybox sh -c "exec 3</tmp/farcall-named; busybox sleep 300") >/dev/null 2>&1 & echo $! >/tmp/opener',
  ),
  named: {
    program: `int who = 0;
watch (vfs_open, path, file) for_ms (20000) until (1)
  if (!strcmp(path->dentry->d_name.name, "farcall-named")) {
    who = current->pid;
    report(boot_ns() > 0, smp_processor_id(), who, current->comm, stack_here());
    hit();
  }
require(who != 0);
send_sig(19, find_task(who), 1)`,
  },
  stopped: sh(
    'p=$(cat /tmp/opener); echo $p; for i in $(busybox seq 100); do grep "^State:.T" /proc/$p/status && break; busybox usleep 100000; done; kill -9 $p; rm /tmp/opener /tmp/farcall-named',
  ),
  syncing: sh(
    '(while [ ! -e /tmp/synced ]; do busybox dd if=/dev/zero of=/tmp/syncing bs=1 count=1 conv=fsync; done; rm /tmp/syncing /tmp/synced) >/dev/null 2>&1 &',
  ),
  latency: {
    program: `unsigned long calls[5] = {0}, all = 0;
watch_return (vfs_fsync_range) for_ms (20000) until (3) {
  unsigned long us = elapsed_ns() / 1000;
  calls[us < 100 ? 0 : us < 1000 ? 1 : us < 10000 ? 2 : us < 100000 ? 3 : 4]++;
}
for (int i = 0; i < 5; i++) all += calls[i];
report("below 0.1, 1, 10, 100 ms, and above", calls);
all`,
  },
  synced: sh('echo >/tmp/synced'),
  // pte_t is a structure, which travels as what is in it.
  structure: {
    program:
      'watch (vm_normal_page, vma, addr, pte) for_ms (20000) until (1) report(pte.pte != 0, addr % 4096); 2',
  },
  // Where the first instructions end differs: with and without endbr64. On arm64 one is ftrace's own.
  inside4: { program: inside(4) },
  inside5: { program: inside(5) },
  inside8: { program: inside(8) },
  inside9: { program: inside(9) },
  any: {
    program:
      'int n = 0; watch_any { watch (panic) for_ms (60000) n = 100; watch (do_exit) for_ms (60000) until (2) n++; watch (do_exit) for_ms (60000) until (3) n++; watch_return (vfs_open) for_ms (60000) n += 0; } n',
  },
  all: {
    program:
      'watch_all { watch (do_exit) for_ms (20000) until (1); watch_return (vfs_open) for_ms (20000) until (2); watch (panic) for_ms (20); } 6',
  },
  reading: sh('busybox dd if=/dev/zero of=/dev/null bs=1 >/dev/null 2>&1 & echo $! >/tmp/reading'),
  manyReads: { program: 'int n = 0; watch (vfs_read) for_ms (20000) at_most (100) n++; n' },
  slowReads: {
    program:
      'int n = 0; watch (vfs_read) for_ms (60000) at_most (1000000) { n++; for (int i = 0; i < 990; i++) i * i; } n > 0',
  },
  scheduled: { program: 'long n = 0; watch (schedule) for_ms (1000) at_most (1000000) n++; n > 0' },
  stillReading: sh('kill -0 $(cat /tmp/reading) && kill $(cat /tmp/reading) && rm /tmp/reading && echo yes'),
  module: sh(
    'modprobe dummy numdummies=1 && busybox ip addr add 10.99.0.1/24 dev dummy0 && busybox ip link set dummy0 up && echo loaded; (while [ -e /sys/module/dummy ]; do busybox ping -c 1 -W 1 10.99.0.2; done) >/dev/null 2>&1 &',
  ),
  inModule: {
    program: 'watch (dummy_xmit@dummy, skb) for_ms (20000) until (2) report(skb->len > 0); 3',
    by: 'guest',
    declare: DUMMY,
  },
  unloading: sh(
    '[ -e /sys/kernel/debug/kprobes ] || mount -t debugfs none /sys/kernel/debug; (for i in $(busybox seq 100); do grep -q dummy_xmit /sys/kernel/debug/kprobes/list && break; busybox usleep 100000; done; modprobe -r dummy) >/tmp/unloading 2>&1 &',
  ),
  unloaded: {
    program: 'int n = 0; watch (dummy_xmit@dummy) for_ms (5000) n++; 4',
    by: 'guest',
    declare: DUMMY,
  },
  gone: sh('cat /tmp/unloading; rm /tmp/unloading; modprobe -r dummy; [ -e /sys/module/dummy ] || echo gone'),
  asleep: sh('busybox sleep 2 & busybox usleep 100000'),
  stillAsleep: {
    program: 'watch_return (hrtimer_nanosleep, ret) for_ms (200) report(ret, elapsed_ns() > 0); 8',
  },
  awake: sh('busybox sleep 2'),
  otherProbe: OTHER_PROBE,
  beside: { program: 'watch (update_process_times) for_ms (20000) until (2); 1' },
  noOtherProbe: NO_OTHER_PROBE,
  ended: { program: 'watch (update_process_times) for_ms (20000) until (1) hit(); *(int *)8' },
  probes: PROBES,
} as const satisfies Readonly<Record<string, GuestStep>>;

interface WatchRun {
  readonly machine: Machine;
  readonly got: CaseResults;
  readonly kernelLog: string;
}

async function watchOn({ arch, series }: ProbedKernel): Promise<WatchRun> {
  const machine = await sharedMachine(series, { arch });
  const logBefore = await machine.output(['dmesg']);
  // The guest's agent starts while nothing else keeps its CPUs busy.
  await runPrograms(machine, ['msleep(1)']);
  // Something that enters functions all the time.
  const busy = machine.start(
    'while :; do busybox true; cat /proc/self/smaps >/dev/null; busybox usleep 50000; done',
  );
  const { results } = await runPrograms(machine, Object.values(STEPS));
  busy.kill();
  const log = await machine.output(['dmesg']);
  const byName = Object.fromEntries(Object.keys(STEPS).map((name, index) => [name, results[index]!]));
  return { machine, got: new CaseResults(byName), kernelLog: log.slice(logBefore.length) };
}

const COUNTS =
  /\.hits = (\d+), \.entered = (\d+), \.missed = (\d+), \.abandoned = (\d+), \.dropped = (\d+), \.braked = (\d+), \.slow = (\d+)/;

/** The rows of the body, and the counts of the watch, which are its last row. */
function watched(got: CaseResults, step: string): { rows: string[][]; counts: number[] } {
  const rows = got.rows(step);
  const at = rows.findIndex(([first]) => COUNTS.test(first!));
  return { rows: rows.slice(0, at), counts: COUNTS.exec(rows[at]![0]!)!.slice(1).map(Number) };
}

describe.each(PROBED_KERNELS)('Linux $series, $arch', kernel => {
  let run: WatchRun;

  beforeAll(async () => {
    run = await watchOn(kernel);
  });

  test('a watch sees entries from an interrupt, with the argument and the task', () => {
    const { rows, counts } = watched(run.got, 'tick');
    expect(rows).toHaveLength(3);
    for (const [tick, pid] of rows)
      expect([tick, pid]).toEqual([expect.stringMatching(/^[01]$/), expect.stringMatching(/^\d+$/)]);
    expect(counts[0]).toBeGreaterThanOrEqual(3);
  });

  test('parameters beyond the registers come from the stack', () => {
    const { rows } = watched(run.got, 'many');
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.slice(2)).toEqual(['1', '1']);
  });

  test('a program goes on behind its watch with what the body found, and may sleep', () => {
    expect(run.got.text('who')).toBe('(int)7');
    const [counts, found] = run.got.rows('who');
    expect(counts![0]).toMatch(COUNTS);
    expect(found).toEqual([expect.stringMatching(/^[1-9]\d*$/), '1']);
  });

  test('a watch of a function that nobody enters ends by its time', () => {
    expect(run.got.text('never')).toBe('(int)5');
    expect(watched(run.got, 'never').counts).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test('a function that handles probes cannot be watched, and the error says why', () => {
    expect(run.got.result('forbidden')).toMatchObject({ outcome: 'error', code: 'PROGRAM_UNSUPPORTED' });
    expect(run.got.result('forbidden').message).toContain('NOKPROBE_SYMBOL');
  });

  test('a watch ends when its function is entered too often in a second', () => {
    const { rows, counts } = watched(run.got, 'fast');
    expect(counts[5]).toBe(1);
    expect(rows.length).toBe(5);
  });

  test('a bad access in the body ends that run of it, and is counted', () => {
    expect(run.got.text('abandoned')).toBe('(int)6');
    const { counts } = watched(run.got, 'abandoned');
    expect(counts[3]).toBe(2);
  });

  test('the body reads a clock that takes no lock', () => {
    expect(watched(run.got, 'clock').rows).toEqual([['1']]);
    expect(run.got.text('clock')).toBe('(int)1');
  });

  test('a watch of returns sees what the function returned, and how long it took', () => {
    const { rows, counts } = watched(run.got, 'returned');
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toEqual([expect.stringMatching(/^(0|-\d+)$/), '1']);
    expect(counts[0]).toBeGreaterThanOrEqual(3);
  });

  test('a row of the body has the time, the CPU and the callers of the function', () => {
    const [[time, cpu, stack]] = watched(run.got, 'where').rows as [string[]];
    expect([time, cpu]).toEqual(['1', '1']);
    // A tail call leaves no frame; do_group_exit() calls do_exit() on every way of a process to its end.
    expect(stack).toMatch(/do_exit.*(?:do_group_exit|__x64_sys_exit|__arm64_sys_exit|__se_sys_exit).*, /);
  });

  test('the next process that opens a file with a name is stopped, and named', () => {
    expect(run.got.text('named')).toBe('(int)0');
    const [[, , who, comm, stack]] = watched(run.got, 'named').rows as [string[]];
    const [pid, state] = run.got.output('stopped').trim().split('\n');
    expect([who, comm]).toEqual([pid, expect.stringMatching(/busybox|sh/)]);
    expect(stack).toContain('vfs_open');
    expect(state).toMatch(/^State:\s+T/);
  });

  test('the latency of a function is counted by classes', () => {
    expect(run.got.text('latency')).toBe('(unsigned long)3');
    const [[counts], [, classes]] = run.got.rows('latency') as [string[], string[]];
    expect(counts).toMatch(COUNTS);
    expect(classes).toMatch(/^\(unsigned long \[5\]\)\{ \d/);
  });

  test('a structure comes by value', () => {
    expect(run.got.text('structure')).toBe('(int)2');
    expect(watched(run.got, 'structure').rows).toEqual([['1', '0']]);
  });

  test('a watch can stand at an instruction inside of a function, and nowhere between two', () => {
    const names = ['inside4', 'inside5', 'inside8', 'inside9'] as const;
    const texts = names.map(name => {
      const { outcome, value, error, message } = run.got.result(name);
      return outcome === 'returned' ? value!.text : (error?.message ?? message ?? outcome);
    });
    expect(texts).toContain('(int)1');
    for (const text of texts) expect(text).toMatch(/^\(int\)1$|no instruction begins|forbids probes there/);
  });

  test('several watches wait together, for the first or for all', () => {
    expect(run.got.text('any')).toMatch(/^\(int\)[2-5]$/);
    expect(run.got.rows('any').map(([row]) => COUNTS.exec(row!)![1])).toEqual([
      '0',
      '2',
      expect.stringMatching(/^[0-3]$/),
      expect.any(String),
    ]);
    expect(run.got.text('all')).toBe('(int)6');
    expect(run.got.rows('all').map(([row]) => Number(COUNTS.exec(row!)![1]))).toEqual([1, 2, 0]);
  });

  test('a watch of a function that everything uses ends by its brake, and everything goes on', () => {
    expect(watched(run.got, 'manyReads').counts[5]).toBe(1);
    expect(run.got.text('manyReads')).toBe('(int)100');
    const { counts } = watched(run.got, 'slowReads');
    expect(counts[6]).toBe(1);
    expect(run.got.text('scheduled')).toBe('(int)1');
    expect(run.got.output('stillReading').trim()).toBe('yes');
  });

  test('a function of a module can be watched, and the module stays until the watch is over', () => {
    expect(run.got.output('module').trim()).toBe('loaded');
    expect(run.got.text('inModule')).toBe('(int)3');
    expect(watched(run.got, 'inModule').rows).toEqual([['1'], ['1']]);
    expect(run.got.text('unloaded')).toBe('(int)4');
    expect(run.got.output('gone')).toMatch(/(?:can't unload module|in use)[\s\S]*gone\n?$/);
  });

  test('a call that is on its way when a watch of its returns ends comes back to nobody', () => {
    expect(run.got.text('stillAsleep')).toBe('(int)8');
    for (const row of watched(run.got, 'stillAsleep').rows) expect(row[1]).toBe('1');
  });

  test('a probe of the kernel at the same place sees what ours sees', () => {
    expect(watched(run.got, 'beside').counts[0]).toBeGreaterThanOrEqual(2);
    expect(Number(run.got.output('noOtherProbe'))).toBeGreaterThanOrEqual(2);
  });

  test('nothing is left of any watch, and the kernel has nothing to complain of', async () => {
    expect(run.got.result('ended').outcome).toBe('faulted');
    expect(run.got.output('probes')).toBe('');
    expect(run.kernelLog).not.toMatch(
      /WARNING|BUG|Oops|while atomic|imbalance|stall|lockup|unable to handle/i,
    );
    expect(await run.machine.output(['cat', '/proc/modules'])).not.toMatch(/^farcall/m);
  });

  // Once for each CPU: a guest takes a minute for it.
  test.runIf(kernel.series === '7.2')('a loader that is killed takes its watch with it', async () => {
    const { machine } = run;
    const agent = await guestScript(machine, AGENT);
    const calling = machine.start([...agent, 'call', 'watch (panic) for_ms (600000);']);
    const list = async (): Promise<string> =>
      (await machine.run(['cat', '/sys/kernel/debug/kprobes/list'])).stdout;
    await eventually('the probe is there', async () => (await list()).includes('panic'));
    const loader = await machine.output('grep -l loader /proc/[0-9]*/comm | cut -d/ -f3; true');
    expect(loader).toMatch(/^\d+\n/);
    await machine.run(['kill', '-9', ...loader.trim().split('\n')]);
    await eventually('the probe is gone', async () => !(await list()).includes('panic'));
    await eventually(
      'the module is gone',
      async () => !(await machine.output(['cat', '/proc/modules'])).includes('farcall'),
    );
    calling.kill();
  });
});
