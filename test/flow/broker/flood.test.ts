import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSeed } from '@nats-io/nkeys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerLogins, parseBrokerControl } from '../../../controller/broker/index.ts';
import {
  type Bus,
  connectBus,
  HostBudgets,
  listenToHosts,
  type SystemAccount,
  systemAccount,
} from '../../../controller/bus/index.ts';
import { loginEnforcer, suspendFloodingHost } from '../../../controller/locks/index.ts';
import { createLogger } from '../../../controller/log/index.ts';
import { SITE_FILES } from '../../../controller/site/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { HOST_BUDGETS } from '../../../shared/limits/index.ts';
import { hostSubject } from '../../../shared/subjects/index.ts';
import { brokerTls } from '../../../shared/tls/index.ts';
import { eventually } from '../../kit/eventually.ts';
import { type BrokerLogin, type NatsServer, startNatsServer } from '../../kit/fleet/nats-server.ts';

describe('a host that floods a controller', () => {
  let nats: NatsServer;
  let bus: Bus;
  let account: SystemAccount;
  let evil: BrokerLogin;
  /** The hosts whose messages were handled, in that order. */
  let handled: string[];
  let atWork: PromiseWithResolvers<void>;
  /** What a host sent before its heartbeat is here, too: messages of one connection stay in order. */
  let heartbeat: PromiseWithResolvers<void>;

  beforeAll(async () => {
    nats = await startNatsServer();
    evil = await nats.hostLogin('evil');
    const log = createLogger('silent');
    const [clock, counters] = [systemClock, new CounterSet()];
    const path = join(nats.folder, SITE_FILES.brokerControl);
    const control = parseBrokerControl(readFileSync(path, 'utf8'), path);
    const tls = brokerTls([nats.url], nats.caFile);
    const at = { servers: [nats.url], name: 'test', tls };
    account = systemAccount({ ...at, credentials: () => control.credentials });
    const logins = brokerLogins(control, account.use);
    const enforcer = loginEnforcer({
      locks: { revokedLogins: async () => new Map(), freeLogins: async nkeys => new Set(nkeys) },
      lockRegistry: { all: () => [] },
      ...{ brokerLogins: logins, credentialLifeMs: 0, clock, log },
    });
    const nkey = fromSeed(evil.seed).getPublicKey();
    const hostKeys = { find: async (host: string) => ({ host, nkey }) as never };
    const suspend = suspendFloodingHost({ hostKeys, loginEnforcer: enforcer, log });
    const hostBudgets = new HostBudgets({ clock, counters, log, flooded: host => void suspend(host) });
    bus = connectBus({ ...at, credentials: await ownerCredentials() }, log);
    handled = [];
    atWork = Promise.withResolvers();
    heartbeat = Promise.withResolvers();
    listenToHosts({ bus, counters, hostBudgets, log }, 'heartbeat', async () => {
      heartbeat.resolve();
      return undefined;
    });
    listenToHosts({ bus, counters, hostBudgets, log }, 'result', async ({ host }) => {
      handled.push(host);
      await atWork.promise;
      return undefined;
    });
    await new Promise<void>(resolve => bus.onConnected(resolve));
  });
  afterAll(async () => {
    atWork?.resolve();
    await bus?.close();
    await account?.close();
    await nats?.stop();
  });

  const ownerCredentials = async () => {
    const { jwt, seed } = await nats.ownerLogin();
    const text = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${Buffer.from(seed).toString()}\n------END USER NKEY SEED------\n`;
    return () => text;
  };

  it('a host that floods a controller takes no turn of an honest host, and is off the broker', async () => {
    const connection = await nats.connect(evil, { reconnect: false });
    const message = new Uint8Array(HOST_BUDGETS.result.messageBytes);
    const flood = async (): Promise<void> => {
      while (!connection.isClosed()) {
        connection.publish(hostSubject('evil', 'result'), message);
        await connection.flush();
      }
    };
    // The last flush never ends, because the connection closes before its answer.
    void flood().catch(() => undefined);
    await connection.closed();
    const honest = await nats.connect(await nats.hostLogin('web-1'));
    honest.publish(hostSubject('web-1', 'result'), new Uint8Array(1));
    honest.publish(hostSubject('web-1', 'heartbeat'), new Uint8Array(1));
    await heartbeat.promise;
    expect(handled).toEqual(['evil']);
    atWork.resolve();
    await eventually('the message of the honest host is handled', () => handled.includes('web-1'));
    // What the other host had waiting before it was off the broker does not come first.
    expect(handled.indexOf('web-1')).toBeLessThanOrEqual(2);
    await expect(nats.connect(evil, { reconnect: false })).rejects.toThrow();
    await honest.close();
  });
});
