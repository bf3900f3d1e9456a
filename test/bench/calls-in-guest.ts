import { fileURLToPath } from 'node:url';
import { bootMachine, ensureKernel, type KernelSeries, type Machine } from '../../tools/machine/index.ts';
import { type Figure, figure } from './figure.ts';
import { runningAgent } from './running-agent.ts';

const SERIES: readonly KernelSeries[] = ['6.1', '6.12', '7.2'];
// As on a host: a release (npm run build), which the set-up of the benchmarks has made.
const AGENT = fileURLToPath(new URL('../../dist/bin/farcall-agent', import.meta.url));
const READERS = fileURLToPath(new URL('./readers-in-guest.ts', import.meta.url));
const READS = fileURLToPath(new URL('./reads-in-guest.ts', import.meta.url));
const RESIDENT = fileURLToPath(new URL('./resident-calls.ts', import.meta.url));
const PROGRAM = '_printk("Hello, world %d\\n", 1234)';
const WARM_RUNS = 7;

/** What drgn took in the same machine on the same kernel, as measured once. */
const DRGN = { cold: 'drgn 5 to 8 s', warm: 'drgn 3.2 s', call: 'drgn 39.8 ms', load: 'drgn 23.5 ms' };

/** One line that resident-calls.ts prints. */
interface ResidentCall {
  readonly compileMs: number;
  readonly spawnMs: number;
  readonly loadMs: number;
  readonly totalMs: number;
}

/** What reads-in-guest.ts prints: milliseconds, and how many tasks it listed. */
interface ReadsInGuest {
  readonly rows: number;
  readonly compile: readonly number[];
  readonly read: readonly number[];
  readonly dentries: readonly number[];
  readonly loop: readonly number[];
}

/** Calls in stock kernels with one emulated CPU: the one-shot command, and a process that stays. */
export async function callsInGuest(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const series of SERIES) {
    await using machine = await bootMachine({ kernel: await ensureKernel(series) });
    figures.push(...(await oneShot(machine, series)), ...(await resident(machine, series)));
    figures.push(...(await readers(machine, series)), ...(await reads(machine, series)));
  }
  for (const series of SERIES) figures.push(...(await runningAgent(series)));
  return figures;
}

async function oneShot(machine: Machine, series: string): Promise<Figure[]> {
  const cold = [await wallMs(machine)];
  const warm: number[] = [];
  for (let run = 0; run < WARM_RUNS; run++) warm.push(await wallMs(machine));
  return [
    figure(`${series}: farcall-agent call, cold`, cold, { peer: DRGN.cold }),
    figure(`${series}: farcall-agent call, warm`, warm, { mark: 1000, peer: DRGN.warm }),
  ];
}

/** From asking for the process to its end, the way into the guest (some 20 ms) included. */
async function wallMs(machine: Machine): Promise<number> {
  const startedAt = performance.now();
  await machine.output([AGENT, 'call', PROGRAM]);
  return performance.now() - startedAt;
}

async function readers(machine: Machine, series: string): Promise<Figure[]> {
  const times: Readonly<Record<string, number[]>> = JSON.parse(
    await machine.output([machine.node, READERS], { timeoutMs: 120_000 }),
  );
  return Object.entries(times).map(([what, values]) => figure(`${series}: ${what}`, values));
}

/** Reading without a module; compiling for that looks whether memory is open, too. */
async function reads(machine: Machine, series: string): Promise<Figure[]> {
  const { rows, compile, read, dentries, loop }: ReadsInGuest = JSON.parse(
    await machine.output([machine.node, READS], { timeoutMs: 170_000 }),
  );
  return [
    figure(`${series}: compile a read`, compile),
    figure(`${series}: interpreted read of a list of ${rows} tasks`, read, { mark: 50 }),
    figure(`${series}: interpreted walk of 10,000 dentries`, dentries, { mark: 1000 }),
    figure(`${series}: interpreted loop of 10,000,000 turns`, loop, { mark: 30_000 }),
  ];
}

async function resident(machine: Machine, series: string): Promise<Figure[]> {
  const output = await machine.output([machine.node, RESIDENT, PROGRAM], { timeoutMs: 120_000 });
  const calls: ResidentCall[] = JSON.parse(output);
  const of = (part: keyof ResidentCall): number[] => calls.map(call => call[part]);
  return [
    figure(`${series}: resident, compile`, of('compileMs')),
    figure(`${series}: resident, spawn (ahead of the call where the loader waits)`, of('spawnMs')),
    figure(`${series}: resident, init_module itself`, of('loadMs'), { peer: DRGN.load }),
    figure(`${series}: resident, whole call`, of('totalMs'), { peer: DRGN.call }),
  ];
}
