import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SimulatedHost, type Simulator, startSimulator } from '../fleet/simulator/index.ts';
import type { ControllerFixture } from '../kit/fleet/controller-process.ts';
import type { LogLine } from '../kit/fleet/controller-run.ts';
import { startFleet } from '../kit/fleet/fleet.ts';
import type { NatsServer } from '../kit/fleet/nats-server.ts';
import { processCost } from '../kit/process-cost.ts';
import { type Figure, figure } from './figure.ts';

/** How many agents, in how many processes, and how many waves go to them. */
interface Size {
  readonly agents: number;
  readonly workers: number;
  readonly waves: number;
}

const SIZES: readonly Size[] = [
  { agents: 100, workers: 2, waves: 10 },
  { agents: 1000, workers: 2, waves: 5 },
  { agents: 10_000, workers: 4, waves: 3 },
];

/** Orders whose cost alone is measured, with agents that stand still meanwhile. */
const LONE_ORDERS = 3;

const REQUEST = ['_printk("x")', '--hosts', 'env=sim', '--expires', '30m', '--reason'] as const;

/** Below this much processor time in a second the fleet is at rest. */
const QUIET_MS_PER_S = 500;
const QUIET_LIMIT_S = 30;

const CHORIA = 'Choria: 51,152 hosts in 20 s';

/**
 * Waves to a whole fleet: the real agents of test/fleet in a few processes (all of an agent but its kernel),
 * a real nats-server with TLS and a login per host, a real controller on SQLite, all on this machine's
 * processors together. The hosts' journals lie in the system's folder for temporary files;
 * `FARCALL_BENCH_FOLDER` names another. `FARCALL_BENCH_AGENTS=100,1000` measures some sizes only.
 */
export async function fleet(): Promise<Figure[]> {
  const wanted = process.env['FARCALL_BENCH_AGENTS']?.split(',').map(Number);
  const sizes = SIZES.filter(({ agents }) => !wanted || wanted.includes(agents));
  const figures: Figure[] = [];
  for (const size of sizes) figures.push(...(await measured(size)));
  return figures;
}

interface Parts {
  readonly nats: NatsServer;
  readonly controller: ControllerFixture;
  readonly simulator: Simulator;
  readonly agents: number;
}

async function measured({ agents, workers, waves }: Size): Promise<Figure[]> {
  const folder = mkdtempSync(join(process.env['FARCALL_BENCH_FOLDER'] ?? tmpdir(), 'farcall-bench-'));
  const fleet = await startFleet();
  const { nats, controller } = fleet;
  const startedAt = performance.now();
  let simulator: Simulator | undefined;
  try {
    simulator = await startSimulator({ folder, nats, controller, hosts: hostsOf(agents), workers });
    const parts = { nats, controller, simulator, agents };
    await untilQuiet(parts);
    console.error(`bench: ${agents} agents after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    const runs: Wave[] = [];
    for (let run = 0; run < waves; run++) runs.push(await oneWave(parts, `wave ${run}`));
    const orders: number[] = [];
    for (let run = 0; run < LONE_ORDERS; run++) orders.push(await loneOrder(parts, `order ${run}`));
    return figuresOf(parts, runs, orders);
  } finally {
    await simulator?.stop();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function hostsOf(count: number): readonly SimulatedHost[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `sim-${index}`,
    labels: { env: 'sim' },
    behaviour: 'fast',
    kernelRelease: '6.12.48-sim',
  }));
}

interface Wave {
  readonly wallMs: number;
  readonly controllerMs: number;
  readonly brokerMs: number;
  readonly agentsMs: number;
  readonly messages: number;
}

/** One request for all hosts, from the moment its order is published until the last result is committed. */
async function oneWave(parts: Parts, reason: string): Promise<Wave> {
  const { controller, agents } = parts;
  const request = await controller.requested(...REQUEST, reason);
  await controller.approve('bob', request);
  await untilQuiet(parts);
  const before = await costs(parts);
  await controller.approve('carol', request);
  const published = await orderOf(controller, request.id);
  let committed = 0;
  const last = await controller.logged(
    line => line.msg === 'result committed' && line['request'] === request.id && ++committed === agents,
  );
  await untilQuiet(parts);
  const after = await costs(parts);
  return {
    wallMs: timeOf(last) - timeOf(published),
    controllerMs: after.controllerMs - before.controllerMs,
    brokerMs: after.brokerMs - before.brokerMs,
    agentsMs: after.agentsMs - before.agentsMs,
    messages: after.messages - before.messages,
  };
}

/**
 * What the last approval, the order made for it and its publishing cost the controller, in processor time,
 * while no agent moves; they answer afterwards.
 */
async function loneOrder(parts: Parts, reason: string): Promise<number> {
  const { controller, simulator, agents } = parts;
  const request = await controller.requested(...REQUEST, reason);
  await controller.approve('bob', request);
  await untilQuiet(parts);
  simulator.freeze();
  const before = processCost(controller.pid()).cpuMs;
  await controller.approve('carol', request);
  await orderOf(controller, request.id);
  const costMs = processCost(controller.pid()).cpuMs - before;
  simulator.thaw();
  let committed = 0;
  await controller.logged(
    line => line.msg === 'result committed' && line['request'] === request.id && ++committed === agents,
  );
  return costMs;
}

function orderOf({ logged }: ControllerFixture, request: string): Promise<LogLine> {
  return logged(line => line.msg === 'order published' && line['request'] === request);
}

interface Costs {
  readonly controllerMs: number;
  readonly brokerMs: number;
  readonly agentsMs: number;
  readonly messages: number;
}

async function costs({ nats, controller, simulator }: Parts): Promise<Costs> {
  const { in_msgs, out_msgs } = await nats.counts();
  return {
    controllerMs: processCost(controller.pid()).cpuMs,
    brokerMs: processCost(nats.pid()).cpuMs,
    agentsMs: simulator.pids().reduce((sum, pid) => sum + processCost(pid).cpuMs, 0),
    messages: in_msgs + out_msgs,
  };
}

/**
 * Until the last second took little processor time: agents that have just connected have things to ask. Not
 * without end: hosts send heartbeats.
 */
async function untilQuiet(parts: Parts): Promise<void> {
  const spentMs = async (): Promise<number> => {
    const { controllerMs, brokerMs, agentsMs } = await costs(parts);
    return controllerMs + brokerMs + agentsMs;
  };
  let before = await spentMs();
  for (let second = 0; second < QUIET_LIMIT_S; second++) {
    await sleep(1000);
    const now = await spentMs();
    if (now - before < QUIET_MS_PER_S) return;
    before = now;
  }
}

function timeOf(line: LogLine): number {
  return Date.parse(String(line['time']));
}

function figuresOf(
  { nats, controller, agents }: Parts,
  waves: readonly Wave[],
  orders: readonly number[],
): Figure[] {
  const own = processCost(controller.pid());
  const each = (of: (wave: Wave) => number): number[] => waves.map(wave => of(wave));
  const isLarge = agents === 10_000;
  const name = `${agents} agents`;
  return [
    figure(
      `${name}: order published to last result committed`,
      each(wave => wave.wallMs),
      {
        ...(isLarge && { mark: 5000, peer: CHORIA }),
      },
    ),
    figure(
      '  controller, processor time',
      each(wave => wave.controllerMs),
    ),
    figure(
      '  controller, processor time for each host',
      each(wave => wave.controllerMs / agents),
    ),
    figure(
      '  broker, processor time',
      each(wave => wave.brokerMs),
    ),
    figure(
      '  agents, processor time of one',
      each(wave => wave.agentsMs / agents),
    ),
    figure(
      '  messages for each host, to and from the broker',
      each(wave => wave.messages / agents),
      { unit: '' },
    ),
    figure('  controller: last approval, order and publishing, processor time', orders),
    figure('  controller, resident at the end', [own.residentMib], {
      unit: 'MiB',
      ...(isLarge && { mark: 300 }),
    }),
    figure('  controller, most ever resident', [own.peakMib], { unit: 'MiB' }),
    figure('  broker, resident at the end', [processCost(nats.pid()).residentMib], {
      ...{ unit: 'MiB' as const, ...(isLarge && { peer: 'Choria: 1.1 GiB for 51,152 hosts' }) },
    }),
  ];
}
