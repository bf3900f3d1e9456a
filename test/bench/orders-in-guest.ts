import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelStages, openHostKernel } from '../../agent/host-kernel/index.ts';
import { runOrder } from '../../agent/run-order/index.ts';
import { orderContext } from '../agent/support/order-context.ts';
import { orderKit } from '../kit/order-kit.ts';

// Runs inside of a guest: signed orders, one after the other, through everything that a running agent does
// with them, from the bytes of the network to the signed result on the disk. Prints the milliseconds of each
// part as JSON.
//
//   node orders-in-guest.ts STATE-DIRECTORY BARE-LOAD PROGRAM RUNS

const WARM_UP = 5;
/** Longer than the agent waits before it starts the loader of the next call. */
const BETWEEN_MS = 250;

const [stateDirectory, bareLoad, program, runs] = process.argv.slice(2) as [string, string, string, string];

/** Where the time of one order went, in milliseconds. */
interface OrderTimes {
  readonly total: number;
  /** What is left without approvals, journal and signature: what a debugger does. */
  readonly call: number;
  readonly verify: number;
  readonly compile: number;
  readonly journal: number;
  readonly spawn: number;
  readonly load: number;
  /** init_module itself; the rest of `load` is the way there and back. */
  readonly initModule: number;
  readonly result: number;
}

async function orders(): Promise<OrderTimes[]> {
  const stages = kernelStages({ stateDirectory, note: () => undefined });
  const kit = orderKit(Date.now());
  const context = orderContext(kit, Date.now(), { stateDirectory });
  let [loadMs, journalMs] = [0, 0];
  const timed = {
    ...stages,
    async load(...args: Parameters<typeof stages.load>) {
      const startedAt = performance.now();
      const report = await stages.load(...args);
      loadMs = performance.now() - startedAt;
      return report;
    },
  };
  for (const name of ['begin', 'record'] as const) {
    const method = context.journal[name].bind(context.journal) as (...args: unknown[]) => unknown;
    Object.assign(context.journal, {
      [name]: (...args: unknown[]) => {
        const startedAt = performance.now();
        const made = method(...args);
        journalMs += performance.now() - startedAt;
        return made;
      },
    });
  }
  const agent = { ...context.agent, stages: timed };
  const times: OrderTimes[] = [];
  for (let run = 0; run < WARM_UP + Number(runs); run++) {
    const { envelope } = await kit.order({ request: { program, timeoutMs: 30_000 } });
    await sleep(BETWEEN_MS);
    journalMs = 0;
    const startedAt = performance.now();
    await runOrder(envelope, agent);
    const total = performance.now() - startedAt;
    const { outcome, error, timings } = context.results().at(-1)!;
    if (outcome !== 'returned') throw new Error(`the call ended as ${outcome}: ${error?.message}`);
    const [verify, compile, spawn] = [
      timings.verifyUs / 1000,
      timings.compileUs / 1000,
      timings.spawnUs / 1000,
    ];
    const initModule = timings.loadUs / 1000;
    const result = total - verify - compile - journalMs - loadMs;
    const call = compile + loadMs;
    const parts = {
      call,
      total,
      verify,
      compile,
      journal: journalMs,
      spawn,
      load: loadMs - spawn,
      initModule,
      result,
    };
    if (run >= WARM_UP) times.push(parts);
  }
  return times;
}

/** What the kernel takes for a module with nothing in it, and for that of the call. */
function bare(text: string): number[] {
  const path = join(stateDirectory, 'bare.ko');
  writeFileSync(path, openHostKernel().compiler.compile(text, 'farcall_bare').image);
  const output = execFileSync(bareLoad, [path, String(WARM_UP + Number(runs))], { encoding: 'utf8' });
  const all = output.trim().split('\n');
  return all.slice(WARM_UP).map(line => Number(line) / 1e6);
}

async function main(): Promise<void> {
  const smallest = bare('0');
  const times = await orders();
  process.stdout.write(JSON.stringify({ times, smallest, after: bare('0') }));
  process.exit(0);
}

void main();
