import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilHeartbeatMs } from '../../../agent/bus/index.ts';
import { eventually } from '../../kit/eventually.ts';
import type { AgentProcess } from '../../kit/fleet/agent-process.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import type { LogLine } from '../../kit/fleet/controller-run.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=test', '--reason', 'say hi'];
const SERVED = 'metrics and probes';
/** On whatever port is free. */
const METRICS = { listen: '127.0.0.1:0' };

/** A host whose heartbeat is due a few seconds from now, so that nobody waits for it: any would do. */
const HOST = Array.from({ length: 1000 }, (_, index) => `web-${index}`).find(name => {
  const waitMs = untilHeartbeatMs(name, Date.now());
  return waitMs > 9000 && waitMs < 10_000;
})!;

describe('a controller and an agent, each a process, on a broker', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let agent: AgentProcess;
  let ofAgent: string;
  let ofController: string;
  let request: string;

  const agentLines = (): LogLine[] =>
    agent
      .log()
      .split('\n')
      .filter(line => line.startsWith('{') && line.endsWith('}'))
      .map(line => JSON.parse(line));
  const get = async (address: string, path: string) => {
    const response = await fetch(`http://${address}${path}`);
    return { status: response.status, text: await response.text() };
  };
  /** The value of a sample, by its name and labels as Prometheus writes them. */
  const sample = async (address: string, name: string): Promise<number | undefined> => {
    const { text } = await get(address, '/metrics');
    const line = text.split('\n').find(each => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  };

  beforeAll(async () => {
    fleet = await startFleet({
      config: { metrics: METRICS, logLevel: 'debug' },
      agents: { [HOST]: { labels: { env: 'test' }, config: { metrics: METRICS } } },
    });
    controller = fleet.controller;
    agent = fleet.agent(HOST);
    const served = await eventually('the agent serves', () =>
      agentLines().find(line => line.msg.includes(SERVED)),
    );
    ofAgent = String(served['listen']);
    ofController = String((await controller.logged(line => line.msg.includes(SERVED)))['listen']);
    await eventually(
      'the agent has a trust bundle',
      async () => (await get(ofAgent, '/readyz')).status === 200,
    );
    request = await controller.approved(...HELLO);
    await controller.logged(line => line.msg === 'result committed' && line['request'] === request);
    await eventually('the agent knows', () => agent.log().includes('the controller has committed a result'));
  });

  afterAll(async () => {
    await fleet?.stop();
  });

  it('a controller and an agent say what came of orders, and what waits', async () => {
    expect(await sample(ofAgent, 'farcall_agent_outcomes_total{outcome="returned"}')).toBe(1);
    expect(await sample(ofAgent, 'farcall_agent_results_waiting')).toBe(0);
    expect(await sample(ofAgent, 'farcall_agent_broker_connected')).toBe(1);
    expect(await sample(ofAgent, 'farcall_agent_trust_bundle_version')).toBe(1);
    expect(await sample(ofAgent, 'farcall_agent_journal_bytes')).toBeGreaterThan(100);
    const results = 'farcall_controller_results_total{outcome="returned",effect="outcome"}';
    expect(await sample(ofController, results)).toBe(1);
    expect(await sample(ofController, 'farcall_controller_requests{state="finished"}')).toBe(1);
    expect(await sample(ofController, 'farcall_controller_hosts')).toBe(1);
    expect(await sample(ofController, 'farcall_controller_hosts_silent')).toBe(0);
    expect(await sample(ofController, 'farcall_controller_result_commit_seconds_count')).toBe(1);
    expect(await sample(ofController, 'farcall_controller_audit_entries')).toBeGreaterThan(5);
    expect(await sample(ofController, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('name no host and no request in them', async () => {
    const { text } = await get(ofController, '/metrics');
    expect(text).not.toContain(HOST);
    expect(text).not.toContain(request);
  });

  it('a controller and an agent are documented, each with its labels', async () => {
    const docs = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    const ours = async (address: string): Promise<string[]> =>
      [...(await get(address, '/metrics')).text.matchAll(/^# TYPE (farcall_\w+)/gm)].map(
        ([, name = '']) => name,
      );
    const names = [...(await ours(ofAgent)), ...(await ours(ofController))];
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter(name => !docs.includes(`\`${name}`))).toEqual([]);
    const written = [...docs.matchAll(/`(farcall_\w+)/g)].map(([, name = '']) => name);
    expect(written.filter(name => !names.includes(name))).toEqual([]);
  });

  it('a controller and an agent have heard of the host by its signed heartbeat', async () => {
    const heartbeats = 'farcall_controller_messages_total{topic="heartbeat",result="ok"}';
    await eventually('a heartbeat came', async () => ((await sample(ofController, heartbeats)) ?? 0) > 0);
    expect(await sample(ofAgent, 'farcall_agent_events_total{event="heartbeat.sent"}')).toBeGreaterThan(0);
  });

  it('name the request and the host in each line about them, by the same words', async () => {
    const lines = agentLines();
    expect(lines.filter(line => line['host'] !== HOST)).toEqual([]);
    const about = (all: readonly LogLine[], text: string) =>
      all.filter(line => JSON.stringify(line).includes(text));
    for (const [where, all] of [
      ['agent', lines],
      ['controller', controller.log],
    ] as const) {
      const unnamed = about(all, request).filter(line => line['request'] !== request);
      expect(unnamed, where).toEqual([]);
      const otherWords = all.filter(line =>
        ['requestId', 'request_id', 'hostname', 'hostName', 'id'].some(word => word in line),
      );
      expect(otherWords, where).toEqual([]);
    }
    const messages = (all: readonly LogLine[]) => about(all, request).map(({ msg }) => msg);
    for (const msg of ['a call begins', 'an order has ended', 'the controller has committed a result'])
      expect(messages(lines)).toContain(msg);
    for (const msg of ['request created', 'request approved', 'order published', 'result committed'])
      expect(messages(controller.log)).toContain(msg);
    const committed = controller.log.find(line => line.msg === 'result committed');
    expect(committed).toMatchObject({ request, host: HOST, outcome: 'returned' });
    // Lines about messages of this host have its name too, also those about nothing else.
    expect(
      about(controller.log, HOST)
        .filter(line => line['host'] !== HOST)
        .map(({ msg }) => msg),
    ).toEqual([]);
  });

  it('a controller and an agent are alive and not ready while the broker is away, and ready when it is back', async () => {
    await fleet.nats.kill();
    for (const address of [ofAgent, ofController]) {
      await eventually('not ready', async () => (await get(address, '/readyz')).status === 503);
      const { text } = await get(address, '/readyz');
      expect(text).toMatch(/^broker UNREACHABLE: /m);
      expect(text.split('\n').filter(line => line.endsWith(' ok'))).toHaveLength(2);
      expect(await get(address, '/healthz')).toEqual({ status: 200, text: 'ok\n' });
    }
    await fleet.nats.start();
    for (const address of [ofAgent, ofController])
      await eventually('ready again', async () => (await get(address, '/readyz')).status === 200);
    expect(await sample(ofAgent, 'farcall_agent_events_total{event="broker.connected"}')).toBe(2);
  });
});
