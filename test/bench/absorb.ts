import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { receiveResult } from '../../controller/gather/index.ts';
import { createLogger } from '../../controller/log/index.ts';
import { openStoreThread } from '../../controller/store/index.ts';
import { CounterSet } from '../../shared/counters/index.ts';
import { callResultCodec, resultCommittedCodec, resultEnvelopeCodec } from '../../shared/messages/index.ts';
import { type HostIdentity, hostOf } from '../kit/cast.ts';
import { type ControllerParts, dispatched, introduce, partsOn, testClock } from '../kit/controller-kit.ts';
import { resultFor, signStatement } from '../kit/host-statements.ts';
import { storeParts } from '../kit/store-kit.ts';
import { type Figure, figure } from './figure.ts';

const RUNS = 5;
/** As a controller receives them: so many under way, so many in what is read from a socket at a time. */
const AT_ONCE = 1024;
const READ_TOGETHER = 64;
const US_PER_MS = 1000;
const NS_PER_MS = 1e6;

/**
 * What results cost the controller that hosts have signed beforehand: from their bytes to the signed answer,
 * on SQLite with commits that wait for the disk, without broker and agents. `FARCALL_BENCH_HOSTS=2000` takes
 * another number of hosts.
 */
export async function absorb(): Promise<Figure[]> {
  const folder = mkdtempSync(join(process.env['FARCALL_BENCH_FOLDER'] ?? tmpdir(), 'farcall-bench-'));
  const clock = testClock();
  const file = join(folder, 'farcall.db');
  const parts = partsOn(await openStoreThread(file, storeParts(clock), fail), clock);
  const count = Number(process.env['FARCALL_BENCH_HOSTS'] ?? 2000);
  const hosts = Array.from({ length: count }, (_, index) => hostOf(`web-${index}`, { env: 'demo' }));
  try {
    await introduce(parts, hosts);
    const runs: Run[] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await oneWave(parts, hosts));
    return figuresOf(runs, count);
  } finally {
    await parts.store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fail(error: Error): never {
  throw error;
}

interface Message {
  readonly host: string;
  readonly bytes: Uint8Array;
}

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly loopCpuMs: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

async function oneWave(parts: ControllerParts, hosts: readonly HostIdentity[]): Promise<Run> {
  const messages = await signedResults(parts, hosts);
  const deps = { ...parts, log: createLogger('silent'), counters: new CounterSet() };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const [wall, cpu, loop] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
  delay.enable();
  await atOnce(messages, async message => {
    const answer = resultCommittedCodec.decode(await receiveResult(deps, message));
    if (!answer.committed) throw new Error(answer.reason);
  });
  delay.disable();
  const [{ user, system }, thread] = [process.cpuUsage(cpu), process.threadCpuUsage(loop)];
  return {
    wallMs: performance.now() - wall,
    cpuMs: (user + system) / US_PER_MS,
    loopCpuMs: (thread.user + thread.system) / US_PER_MS,
    delayP99Ms: delay.percentile(99) / NS_PER_MS,
    delayMaxMs: delay.max / NS_PER_MS,
  };
}

/** One result of each host for a new order. */
async function signedResults(
  parts: ControllerParts,
  hosts: readonly HostIdentity[],
): Promise<readonly Message[]> {
  const { order } = await dispatched(parts);
  const nowMs = parts.clock.nowMs();
  const messages: Message[] = [];
  for (const host of hosts) {
    const result = callResultCodec.encode(resultFor(host.name, order));
    const signature = await signStatement(host, { what: 'result', bytes: result, nowMs });
    messages.push({ host: host.name, bytes: resultEnvelopeCodec.encode({ result, signature }) });
  }
  return messages;
}

async function atOnce(
  messages: readonly Message[],
  handle: (message: Message) => Promise<void>,
): Promise<void> {
  let underWay = 0;
  const handled: Promise<void>[] = [];
  for (let from = 0; from < messages.length; ) {
    const room = Math.min(READ_TOGETHER, AT_ONCE - underWay);
    for (const message of messages.slice(from, from + room)) {
      underWay++;
      handled.push(handle(message).finally(() => underWay--));
    }
    from += room;
    await setImmediate();
  }
  await Promise.all(handled);
}

function figuresOf(runs: readonly Run[], hosts: number): Figure[] {
  const each = (of: (run: Run) => number): number[] => runs.map(of);
  return [
    figure(
      `${hosts} signed results received, committed and answered`,
      each(run => run.wallMs),
    ),
    figure(
      '  processor time for each host, all threads',
      each(run => run.cpuMs / hosts),
      { mark: 0.35 },
    ),
    figure(
      '  processor time for each host, thread of the event loop',
      each(run => run.loopCpuMs / hosts),
    ),
    figure(
      '  delay of the event loop, 99th percentile',
      each(run => run.delayP99Ms),
    ),
    figure(
      '  delay of the event loop, longest',
      each(run => run.delayMaxMs),
      { mark: 200 },
    ),
  ];
}
