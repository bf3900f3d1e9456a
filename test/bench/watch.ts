import { fileURLToPath } from 'node:url';
import { bootMachine, ensureKernel, type Machine } from '../../tools/machine/index.ts';
import { eventually } from '../kit/eventually.ts';
import { type Figure, figure } from './figure.ts';

// As on a host: a release (npm run build), which the set-up of the benchmarks has made.
const AGENT = fileURLToPath(new URL('../../dist/bin/farcall-agent', import.meta.url));
const PROBES = '/sys/kernel/debug/kprobes/list';

/** Reads of one byte, each an entry of vfs_read(), in one measurement. */
const READS = 50_000;
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
const EMPTY = `static struct kprobe probe;
probe.addr = (void *)vfs_read;
probe.pre_handler = (void *)noop_fsync;
require(register_kprobe(&probe) == 0);
msleep(${EMPTY_MS});
unregister_kprobe(&probe)`;

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

/**
 * What a hit of a watch costs, by the time of reads of one byte with a probe at vfs_read() and without, in
 * one run of one machine with one emulated CPU; and how long a watch takes to its first hit beside a plain
 * call.
 */
export async function watch(): Promise<Figure[]> {
  await using machine = await bootMachine({ kernel: await ensureKernel('6.12') });
  await machine.run('[ -e /sys/kernel/debug/kprobes ] || mount -t debugfs none /sys/kernel/debug');
  const kinds = await measured(machine);
  const without: number[] = [];
  const hits = new Map(kinds.map(([what]) => [what, [] as number[]]));
  await readsMs(machine);
  for (let round = 1; round <= ROUNDS; round++) {
    console.error(`bench: watch, round ${round} of ${ROUNDS}`);
    const bare = await readsMs(machine);
    without.push((bare * 1000) / READS);
    for (const [what, command] of kinds) {
      const ms = await probedMs(machine, command);
      hits.get(what)!.push(((ms - bare) * 1000) / READS);
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

async function probedMs(machine: Machine, command: readonly string[]): Promise<number> {
  const running = machine.start([...command]);
  const isThere = async (): Promise<boolean> => (await machine.output(['cat', PROBES])).includes('vfs_read');
  await eventually('the probe is there', isThere);
  const ms = await readsMs(machine);
  if (!(await isThere())) throw new Error(`the probe of ${command.join(' ')} ended while it was measured`);
  await machine.run(END_ALL);
  running.kill();
  await eventually('the probe is gone', async () => !(await isThere()));
  return ms;
}

/** By the guest's clock, which has a resolution of 10 ms. */
async function readsMs(machine: Machine): Promise<number> {
  const script = `read a b </proc/uptime; busybox dd if=/dev/zero of=/dev/null bs=1 count=${READS} 2>/dev/null; read c d </proc/uptime; echo $a $c`;
  const [from, to] = (await machine.output(script)).trim().split(' ').map(Number);
  return (to! - from!) * 1000;
}

/** The way into the guest and the start of the agent are in both. */
async function firstHit(machine: Machine): Promise<Figure[]> {
  const wallMs = async (program: string): Promise<number> => {
    const startedAt = performance.now();
    await machine.output([AGENT, 'call', program]);
    return performance.now() - startedAt;
  };
  const programs = {
    'a plain call': 'ktime_get()',
    'a watch up to its first hit': 'watch (update_process_times) for_ms (20000) until (1); 1',
  };
  const figures: Figure[] = [];
  for (const [what, program] of Object.entries(programs)) {
    await wallMs(program);
    const values: number[] = [];
    for (let call = 0; call < CALLS; call++) values.push(await wallMs(program));
    figures.push(figure(`watch: ${what}`, values));
  }
  return figures;
}
