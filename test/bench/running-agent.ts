import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootMachine, ensureKernel, type KernelSeries, type Machine } from '../../tools/machine/index.ts';
import { type Figure, figure } from './figure.ts';
import { sampleOf } from './statistics.ts';

const inBench = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const STATE_FOLDER = '/var/lib/farcall-bench';
const BARE_LOAD = '/run/bare-load';
const RUNS = 25;
/** A call may take this much more than what the kernel takes for loading a module with nothing in it. */
const MOST_OVER_BARE = 1.25;

const ONE_CALL = 'nr_processes()';
const HUNDRED_CALLS = Array.from({ length: 100 }, (_, n) => `report(gcd(${n + 6}, 36));`).join(' ');

/** What orders-in-guest.ts prints. */
interface GuestTimes {
  readonly times: readonly Readonly<Record<string, number>>[];
  readonly smallest: readonly number[];
}

/**
 * What an order takes in a running agent, from the bytes of the network to the signed result on the disk (a
 * virtio disk with ext4), part by part; held against what finit_module itself takes for a module with nothing
 * in it, which a small program measures in the same guest. One emulated CPU, whose clock goes by its
 * instructions: milliseconds here compare with each other, and not with those of a stopwatch.
 */
export async function runningAgent(series: KernelSeries): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-bench-'));
  const disk = join(folder, 'state.img');
  const bareLoad = join(folder, 'bare-load');
  try {
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', disk, '64M']);
    execFileSync('gcc', ['-static', '-O2', '-o', bareLoad, inBench('bare-load.c')]);
    await using machine = await bootMachine({
      kernel: await ensureKernel(series),
      disks: [disk],
      countInstructions: true,
    });
    await machine.output(`mkdir -p ${STATE_FOLDER} && mount -t ext4 /dev/vda ${STATE_FOLDER}`);
    await machine.writeFile(BARE_LOAD, readFileSync(bareLoad), { mode: 0o700 });
    const one = await ordersOf(machine, ONE_CALL);
    const hundred = await ordersOf(machine, HUNDRED_CALLS);
    return figuresOf(series, one, hundred);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ordersOf(machine: Machine, program: string): Promise<GuestTimes> {
  const script = [inBench('orders-in-guest.ts'), STATE_FOLDER, BARE_LOAD, program, String(RUNS)];
  return JSON.parse(await machine.output([machine.node, ...script], { timeoutMs: 600_000 }));
}

function figuresOf(series: string, one: GuestTimes, hundred: GuestTimes): Figure[] {
  const bareMs = sampleOf(one.smallest).median;
  const of = (guest: GuestTimes, part: string): number[] => guest.times.map(times => times[part]!);
  const parts: Readonly<Record<string, string>> = {
    verify: 'verify',
    compile: 'compile',
    journal: 'journal (intent and outcome, fsync each)',
    spawn: 'start of the loader, where none waits',
    load: 'load: there, init_module, back',
    initModule: '  init_module itself',
    result: 'result made and signed',
  };
  return [
    figure(`${series}: finit_module of an empty module, by itself`, one.smallest, {
      peer: 'drgn 23.5 ms by a stopwatch',
    }),
    figure(`${series}: running agent, a call: compile, load, value`, of(one, 'call'), {
      mark: MOST_OVER_BARE * bareMs,
      peer: 'drgn 39.8 ms by a stopwatch',
    }),
    figure(`${series}: running agent, an order: verified, journalled, called, signed`, of(one, 'total')),
    ...Object.entries(parts).map(([part, what]) => figure(`${series}:   ${what}`, of(one, part))),
    figure(`${series}: 100 calls in one program, with 100 rows`, of(hundred, 'total'), {
      peer: 'drgn 64 ms, without results',
    }),
    figure(`${series}:   compile`, of(hundred, 'compile')),
    figure(`${series}:   init_module itself`, of(hundred, 'initModule')),
  ];
}
