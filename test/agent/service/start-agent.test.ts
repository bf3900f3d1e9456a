import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConnectableBus } from '../../../agent/bus/index.ts';
import { type AgentConfig, readAgentConfig } from '../../../agent/config/index.ts';
import { makeHostKey } from '../../../agent/identity/index.ts';
import { Journal } from '../../../agent/journal/index.ts';
import {
  type AgentEnvironment,
  buildServices,
  openFoundation,
  serve,
  startAgent,
} from '../../../agent/service/index.ts';
import { hostFactsCodec, hostHelloCodec, ordersReplyCodec } from '../../../shared/messages/index.ts';
import { ProcessLock } from '../../../shared/process-lock/index.ts';
import { bundleFileText } from '../../../shared/trust/index.ts';
import { pinnedOf } from '../../kit/cast.ts';
import { admissionFor } from '../../kit/fleet/stand-in-controller.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { OPEN_POLICY } from '../support/open-policy.ts';
import { standInStages } from '../support/stand-in-stages.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = 1_790_000_000_000;
const kit = orderKit(NOW_MS);

/** The files of the host web-01, which has accepted the bundle of `kit`. */
function homeOfHost(changes: Partial<AgentConfig> = {}): AgentConfig {
  const directory = temporaryDirectory();
  const write = (name: string, content: unknown): void => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  };
  mkdirSync(join(directory, 'state'), { mode: 0o700 });
  makeHostKey(join(directory, 'state'));
  write('state/trust.json', bundleFileText(kit.bundle, kit.signedBundle.signatures));
  write('policy.json', OPEN_POLICY);
  write('roots.json', pinnedOf());
  write('agent.json', {
    host: 'web-01',
    labels: { env: 'test' },
    nats: { servers: ['nats://127.0.0.1:1'] },
    stateDirectory: 'state',
    rootsFile: 'roots.json',
    policyFile: 'policy.json',
    askJitterMs: 0,
    ...changes,
  });
  return readAgentConfig(join(directory, 'agent.json'));
}

/** The reply to an OrdersQuery that admits the host and has no orders. */
async function admitting(query: Uint8Array): Promise<Uint8Array> {
  const admission = await admissionFor(query, { nowMs: NOW_MS });
  return ordersReplyCodec.encode({ orders: [], aborts: [], labels: [], held: '', admission });
}

/** Files below `directory` that this process has open. */
function openFilesBelow(directory: string): string[] {
  return readdirSync('/proc/self/fd').flatMap(name => {
    try {
      const path = readlinkSync(`/proc/self/fd/${name}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return [];
    }
  });
}

describe('an agent', () => {
  const stages = standInStages();
  const environment: AgentEnvironment = {
    stages,
    clock: { nowMs: () => NOW_MS },
    log: pino({ level: 'silent' }),
    random: () => 0.5,
  };
  const closed: string[] = [];

  beforeEach(() => {
    closed.length = 0;
    stages.loaded.length = 0;
    for (const [name, prototype, method] of [
      ['journal', Journal.prototype, 'close'],
      ['lock', ProcessLock.prototype, 'release'],
    ] as const) {
      const close = (prototype as unknown as Record<string, () => void>)[method]!;
      vi.spyOn(prototype as unknown as Record<string, () => void>, method).mockImplementation(function (
        this: unknown,
      ) {
        closed.push(name);
        close.call(this);
      });
    }
  });
  afterEach(() => void vi.restoreAllMocks());

  test('an agent that has started holds its state directory until it has stopped', async () => {
    const config = homeOfHost();
    const agent = await startAgent(config, environment);
    expect(agent.isConnected()).toBe(false);
    await expect(startAgent(config, environment)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(closed).toEqual([]);
    await Promise.all([agent.stop(), agent.stop()]);
    expect(closed).toEqual(['journal', 'lock']);
    await (await startAgent(config, environment)).stop();
  });

  describe('whose start fails', () => {
    let taken: Server;

    beforeEach(
      () =>
        new Promise<void>(resolve => {
          taken = createServer().listen(0, '127.0.0.1', resolve);
        }),
    );
    afterEach(() => new Promise<void>(resolve => void taken.close(() => resolve())));

    test('an agent whose start fails at its metrics closes the journal and then releases the lock', async () => {
      const { port } = taken.address() as { readonly port: number };
      const config = homeOfHost({ metrics: { listen: `127.0.0.1:${port}` } } as Partial<AgentConfig>);
      await expect(startAgent(config, environment)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      expect(closed).toEqual(['journal', 'lock']);
      expect(openFilesBelow(config.stateDirectory)).toEqual([]);
    });

    test('an agent whose start fails at its trust bundle closes the journal and then releases the lock', async () => {
      const config = homeOfHost();
      writeFileSync(join(config.stateDirectory, 'trust.json'), 'damaged');
      await expect(startAgent(config, environment)).rejects.toMatchObject({ code: 'TRUST_INVALID' });
      expect(closed).toEqual(['journal', 'lock']);
      expect(openFilesBelow(config.stateDirectory)).toEqual([]);
    });

    test('an agent whose start fails at its policy releases the lock', async () => {
      const config = homeOfHost();
      writeFileSync(config.policyFile, 'damaged');
      await expect(startAgent(config, environment)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      expect(closed).toEqual(['lock']);
    });
  });

  test('an agent runs the orders and answers the queries that a bus delivers, and stops it before the journal', async () => {
    const published: [topic: string, bytes: Uint8Array][] = [];
    const requested: string[] = [];
    const bus: ConnectableBus = {
      connect: vi.fn(),
      isConnected: () => true,
      publish: (topic, bytes) => void published.push([topic, bytes]),
      request: async (topic, bytes) => {
        requested.push(topic);
        if (topic === 'orders') return admitting(bytes);
        throw new Error('no controller answers');
      },
      stopOrders: () => void closed.push('orders'),
      close: async () => void closed.push('bus'),
    };
    const opened = new AsyncDisposableStack();
    const foundation = await openFoundation(homeOfHost(), environment, opened);
    const services = buildServices(foundation, bus);
    expect([published, requested]).toEqual([[], []]);
    await serve(foundation, services, opened);
    const events = vi.mocked(bus.connect).mock.calls[0]![0];
    events.connected();
    events.order((await kit.order()).envelope);
    await services.orders.idle();
    await services.results.idle();
    expect(stages.loaded).toHaveLength(1);
    expect(foundation.journal.pending()).toMatchObject([{ outcome: 'returned', attempt: 1 }]);
    events.plan(Buffer.from('rubbish'));
    await services.plans.idle();
    expect(foundation.counters.all()).toMatchObject({ 'broker.connected': 1, 'outcome.returned': 1 });
    expect(requested).toContain('result');
    await opened.disposeAsync();
    expect(closed).toEqual(['orders', 'bus', 'journal', 'lock']);
    events.order((await kit.order()).envelope);
    await services.orders.idle();
    expect(stages.loaded).toHaveLength(1);
  });

  test('an agent tells its policy, but not where its key for modules is, and when its credential ends', async () => {
    const config = homeOfHost();
    const moduleKey = { key: '/root/secret-place.pem', certificateFile: '/root/module.crt' };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: 'UA', name: 'web-01', iat: 1, exp: NOW_MS / 1000 + 60 };
    const credentialFile = join(config.stateDirectory, 'broker.jwt');
    writeFileSync(credentialFile, `${part({})}.${part(claims)}.c2ln`, { mode: 0o600 });
    const published: Uint8Array[] = [];
    const bus = { publish: (_topic: string, bytes: Uint8Array) => void published.push(bytes) };
    await using opened = new AsyncDisposableStack();
    const foundation = await openFoundation(config, environment, opened);
    const nats = { ...config.nats, credentialFile };
    const policy = { ...foundation.policy, moduleKey };
    const told = { ...foundation, policy, config: { ...config, nats } };
    await buildServices(told, bus as unknown as ConnectableBus).hello.send();
    const facts = hostFactsCodec.decode(hostHelloCodec.decode(published[0]!).facts);
    expect(facts.credentialEndsAtMs).toBe(NOW_MS + 60_000);
    expect(JSON.parse(facts.policy!)).toMatchObject({ ...OPEN_POLICY, moduleKey: 'its own' });
    expect(facts.policy).not.toContain('/root');
  });
});
