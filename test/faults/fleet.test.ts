import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../fleet/simulator/index.ts';
import { eventually } from '../kit/eventually.ts';
import type { ControllerFixture } from '../kit/fleet/controller-process.ts';
import type { LogLine } from '../kit/fleet/controller-run.ts';
import { type Fleet, startFleet } from '../kit/fleet/fleet.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';

const AGENTS = 500;

describe(`${AGENTS} agents whose environment fail`, () => {
  let folder: string;
  let fleet: Fleet;
  let proxy: TcpProxy;
  let controller: ControllerFixture;
  let simulator: Simulator;
  /** Requests so far: each host has run each of them once. */
  let requests = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-faults-'));
    fleet = await startFleet();
    const { nats } = fleet;
    controller = fleet.controller;
    proxy = await startTcpProxy(nats.port);
    const hosts = Array.from({ length: AGENTS }, (_, index) => ({
      ...{ name: `sim-${index}`, labels: { env: 'sim' } },
      ...{ behaviour: 'fast' as const, kernelRelease: '6.12.48-sim' },
    }));
    const behindProxy = { ...nats, url: `tls://127.0.0.1:${proxy.port}` };
    simulator = await startSimulator({ folder, nats: behindProxy, controller, hosts, workers: 2 });
  });
  afterAll(async () => {
    await simulator?.stop();
    await fleet?.stop();
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ordered = async (): Promise<string> => {
    requests += 1;
    const args = [
      '_printk("x")',
      '--hosts',
      'env=sim',
      '--reason',
      `request ${requests}`,
      '--expires',
      '10m',
    ];
    return controller.approved(...args);
  };
  const committed = (id: string, effect = 'outcome') => {
    let count = 0;
    return (line: LogLine): boolean =>
      line.msg === 'result committed' && line['request'] === id && line['effect'] === effect && ++count > 0;
  };
  /** Until all hosts have their outcome; then each has it once, and ran the call once. */
  const settled = async (id: string): Promise<void> => {
    expect((await controller.farcall('alice', 'watch', id)).stdout).toContain(`${AGENTS} of ${AGENTS}`);
    const { hosts } = await controller.farcallJson('alice', 'report', id);
    const got = new Map<string, string>(
      hosts.map((each: { host: string; outcome: string }) => [each.host, each.outcome]),
    );
    expect(got.size).toBe(AGENTS);
    expect(new Set(got.values())).toEqual(new Set(['returned']));
    const runs = await simulator.runs();
    expect(new Set(runs.values())).toEqual(new Set([requests]));
    const isFirst = committed(id);
    // A commit may go without its line where the controller was killed in between, and never has two.
    expect(controller.log.filter(isFirst).length).toBeLessThanOrEqual(AGENTS);
  };

  it('a fleet whose environment fails loses no result, and has none twice, where the controller is killed while they come', async () => {
    const id = await ordered();
    await controller.logged(committed(id));
    await controller.kill();
    await controller.start();
    await settled(id);
  });

  it('a fleet whose environment fails ends a request whose order was given while all hosts were cut off', async () => {
    proxy.cut();
    const id = await ordered();
    await controller.logged(line => line.msg === 'order published' && line['request'] === id);
    proxy.heal();
    await settled(id);
  });

  it('a fleet whose environment fails takes results twice without harm, where the network held them back', async () => {
    const id = await ordered();
    await controller.logged(committed(id));
    proxy.hold();
    // Longer than a host waits for an answer: what it sent is still under way, and it sends it again.
    await new Promise(resolve => setTimeout(resolve, 7000));
    proxy.heal();
    await settled(id);
  });

  it('a fleet whose environment fails comes back whole after the loss of its broker', async () => {
    await fleet.nats.kill();
    await fleet.nats.start();
    const isWhole = async (): Promise<boolean> => (await fleet.nats.counts()).connections > AGENTS;
    await eventually('all agents are connected', isWhole, { pauseMs: 200 });
    // That they come over seconds, and not at one moment, is shown without a clock in
    // test/agent/bus/heartbeat.test.ts.
    await settled(await ordered());
  });

  it('a fleet whose environment fails goes on after the controller stood still so long that the broker gave it up or its hosts sent again', async () => {
    const id = await ordered();
    await controller.logged(committed(id));
    process.kill(controller.pid(), 'SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, 12_000));
    process.kill(controller.pid(), 'SIGCONT');
    await settled(id);
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });
});
