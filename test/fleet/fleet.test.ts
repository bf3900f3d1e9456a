import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../kit/eventually.ts';
import type { ControllerFixture } from '../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../kit/fleet/fleet.ts';
import { type Behaviour, type SimulatedHost, type Simulator, startSimulator } from './simulator/index.ts';

/** How many hosts behave how, and in what a call ends there. */
const FLEET: readonly [Behaviour, number, string][] = [
  ['fast', 200, 'returned'],
  ['slow', 20, 'returned'],
  ['stuck', 5, 'unknown'],
  ['refusing', 20, 'refused'],
  ['load-error', 20, 'load-error'],
  ['faulting', 15, 'faulted'],
  ['offline', 10, 'returned'],
  ['flapping', 10, 'returned'],
];
const HOSTS: readonly SimulatedHost[] = FLEET.flatMap(([behaviour, count]) =>
  Array.from({ length: count }, (_, index) => ({
    name: `${behaviour}-${index}`,
    labels: { env: 'sim' },
    behaviour,
    kernelRelease: index % 3 === 0 ? '6.12.48-sim' : '6.1.140-sim',
  })),
);
const named = (behaviour: Behaviour): string[] =>
  HOSTS.filter(host => host.behaviour === behaviour).map(({ name }) => name);

describe(`${HOSTS.length} agents of every sort`, () => {
  let folder: string;
  let fleet: Fleet;
  let controller: ControllerFixture;
  let simulator: Simulator;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-fleet-'));
    fleet = await startFleet();
    const { nats } = fleet;
    controller = fleet.controller;
    simulator = await startSimulator({ folder, nats, controller, hosts: HOSTS, workers: 2 });
  });
  afterAll(async () => {
    await simulator?.stop();
    await fleet?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('each ends in one outcome, and none runs a call twice, whatever is killed meanwhile', async () => {
    // Hosts that were never heard of cannot be selected: the offline ones say hello once.
    await simulator.wake(named('offline'));
    const id = await controller.approved(
      '_printk("x")',
      '--hosts',
      'env=sim',
      '--reason',
      'all',
      '--expires',
      '10m',
    );
    const settled = async (): Promise<Record<string, number>> => {
      const { outcomes } = (await controller.farcallJson('alice', 'report', id)).request.status;
      return Object.fromEntries(
        outcomes.map((each: { outcome: string; hosts: number }) => [each.outcome, each.hosts]),
      );
    };
    await controller.logged(line => line.msg === 'result committed');
    await controller.kill();
    await controller.start();
    await fleet.nats.kill();
    await fleet.nats.start();
    const allButStuck = async (): Promise<boolean> => {
      const sum = Object.values(await settled()).reduce((total, hosts) => total + hosts, 0);
      return sum >= HOSTS.length - named('stuck').length;
    };
    await eventually('all but the stuck hosts have an outcome', allButStuck, { pauseMs: 250 });
    // The stuck ones are in the middle of their call when their machines crash.
    for (const index of [0, 1]) await simulator.kill(index);
    for (const index of [0, 1]) await simulator.restart(index);
    expect((await controller.farcall('alice', 'watch', id)).stdout).toContain(
      `${HOSTS.length} of ${HOSTS.length}`,
    );
    const report = await controller.farcallJson('alice', 'report', id);
    const got = new Map<string, string>(
      report.hosts.map((each: { host: string; outcome: string }) => [each.host, each.outcome]),
    );
    expect(got.size).toBe(HOSTS.length);
    for (const [behaviour, , outcome] of FLEET)
      expect(new Set(named(behaviour).map(name => got.get(name))), behaviour).toEqual(new Set([outcome]));
    const runs = await simulator.runs();
    expect([...runs].filter(([, times]) => times > 1)).toEqual([]);
    const ran = HOSTS.filter(({ behaviour }) => behaviour !== 'refusing');
    expect(runs.size).toBe(ran.length);
  });

  it('the store says the same as its log', async () => {
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });
});
