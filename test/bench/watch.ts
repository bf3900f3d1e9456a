import { fileURLToPath } from 'node:url';
import { bootMachine, ensureKernel, type Machine } from '../../tools/machine/index.ts';
import { eventually } from '../kit/eventually.ts';
import { type Figure, figure } from './figure.ts';

// As on a host: a release (npm run build), which the set-up of the benchmarks has made.
const AGENT = fileURLToPath(new URL('../../dist/bin/farcall-agent', import.meta.url));
const PROBES = '/sys/kernel/debug/kprobes/list';

/** Reads of one byte, each an entry of vfs_read(), in one measurement. */
const READS = 100_000;
const ROUNDS = 3;
const CALLS = 7;

/** Longer than a measurement; it is ended before. */
const LIFE_MS = 120_000;

/** The same of what no kill ends. */
const EMPTY_MS = 20_000;

/** Ends what has the probe in; a sleep that cannot be killed is waited for. */
const END_ALL =
  'kill -9 $(grep -l loader /proc/[0-9]*/comm | cut -d/ -f3); busybox killall -INT bpftrace; true';

/**
 * A kprobe whose handler does nothing: noop_fsync() returns 0, as a handler does that lets the function go
 * on. Its parameters are not read.
 */
const EMPTY = `static struct kprobe own;
struct kprobe *probe = &own; // It is there until the sleep is over.
probe->addr = (void *)vfs_read;
*(unsigned long *)&probe->pre_handler = (unsigned long)noop_fsync;
require(register_kprobe(probe) == 0);
msleep(${EMPTY_MS});
unregister_kprobe(probe)`;

/** A comparison and a count. */
const BODY = `int n = 0;
watch (vfs_read, file, buf, count) for_ms (${LIFE_MS}) at_most (1000000000) if (count == 1) n++;
n`;

const STACK = `watch (vfs_read, file, buf, count) for_ms (${LIFE_MS}) at_most (1000000000) if (count == 2) report(stack_here());`;

/** What is measured beside no probe at all: what is called, and the command that has the probe in. */
const PROBED: readonly (readonly [what: string, command: readonly string[]])[] = [
  ['an empty kprobe handler', [AGENT, 'call', EMPTY]],
  ['a body with a comparison and a count', [AGENT, 'call', BODY]],
  ['a body whose comparison does not hold', [AGENT, 'call', STACK]],
];

const BPFTRACE: (typeof PROBED)[number] = [
  'bpftrace, the same comparison and count',
  ['bpftrace', '-e', 'kprobe:vfs_read /arg2 == 1/ { @ = count(); }'],
];

/** From the statement of a watch to its first hit, and to its end; the timer enters the function. */
const FIRST_HIT = `s64 from = ktime_get(), first = 0;
watch (update_process_times) for_ms (20000) until (1) first = boot_ns();
report(first - from, ktime_get() - from);`;

/**
 * What a hit of a watch costs, by the time of reads of one byte with a probe at vfs_read() and without; and
 * how long a watch takes to its first hit. The clock of the machine goes by the instructions of its one
 * emulated CPU, 4 ns for each, so that it does not matter what else this machine does.
 */
export async function watch(): Promise<Figure[]> {
  const kernel = await ensureKernel('6.12');
  await using machine = await bootMachine({ kernel, countInstructions: true });
  await machine.run('[ -e /sys/kernel/debug/kprobes ] || mount -t debugfs none /sys/kernel/debug');
  const kinds = await measured(machine);
  const without: number[] = [];
  const hits = new Map(kinds.map(([what]) => [what, [] as number[]]));
  await readsUs(machine);
  for (let round = 1; round <= ROUNDS; round++) {
    console.error(`bench: watch, round ${round} of ${ROUNDS}`);
    const bare = await readsUs(machine);
    without.push(bare / READS);
    for (const [what, command] of kinds) {
      const us = await probedUs(machine, command);
      hits.get(what)!.push((us - bare) / READS);
    }
  }
  return [
    figure('watch: a read of one byte without a probe', without, { unit: 'µs' }),
    ...[...hits].map(([what, values]) => figure(`watch: a hit of ${what}`, values, { unit: 'µs' })),
    ...(await firstHit(machine)),
  ];
}

async function measured(machine: Machine): Promise<typeof PROBED> {
  const { exitCode } = await machine.run('command -v bpftrace');
  if (exitCode === 0) return [...PROBED, BPFTRACE];
  console.error('bench: bpftrace is not installed (apt-get install bpftrace), so it is not measured');
  return PROBED;
}

async function probedUs(machine: Machine, command: readonly string[]): Promise<number> {
  const running = machine.start([...command]);
  let said = '';
  for (const output of [running.stdout, running.stderr])
    output.on('data', piece => {
      said += String(piece);
    });
  const isThere = async (): Promise<boolean> => (await machine.output(['cat', PROBES])).includes('vfs_read');
  await Promise.race([
    eventually('the probe is there', isThere),
    running.exited.then(() => {
      throw new Error(`${command.join(' ')} ended at once: ${said}`);
    }),
  ]);
  const us = await readsUs(machine);
  if (!(await isThere())) throw new Error(`the probe of ${command.join(' ')} ended while it was measured`);
  await machine.run(END_ALL);
  running.kill();
  await eventually('the probe is gone', async () => !(await isThere()));
  return us;
}

async function readsUs(machine: Machine): Promise<number> {
  const now = "busybox sed -n 's/^now at \\([0-9]*\\) nsecs/\\1/p' /proc/timer_list";
  const script = `${now}; busybox dd if=/dev/zero of=/dev/null bs=1 count=${READS} 2>/dev/null; ${now}`;
  const [from, to] = (await machine.output(script)).trim().split('\n').map(Number);
  return (to! - from!) / 1000;
}

/** By the program itself: neither the way into the guest nor the start of the agent counts. */
async function firstHit(machine: Machine): Promise<Figure[]> {
  const [first, end]: [number[], number[]] = [[], []];
  for (let call = 0; call < CALLS; call++) {
    const { rows } = JSON.parse(await machine.output([AGENT, 'call', '--json', FIRST_HIT]));
    const [hitNs, endNs] = rows.at(-1).map(({ text }: { text: string }) => Number(text.replace(/^.*\)/, '')));
    first.push(hitNs / 1e6);
    end.push(endNs / 1e6);
  }
  return [
    figure('watch: from its statement to its first hit', first, { unit: 'ms' }),
    figure('watch: from its statement to the next one', end, { unit: 'ms' }),
  ];
}
