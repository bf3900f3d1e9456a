import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSeed } from '@nats-io/nkeys';
import type { NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type BrokerLogins,
  brokerLogins,
  parseBrokerControl,
  type RevokedLogins,
} from '../../../controller/broker/index.ts';
import { type SystemAccount, systemAccount } from '../../../controller/bus/index.ts';
import { SITE_FILES } from '../../../controller/site/index.ts';
import { brokerTls } from '../../../shared/tls/index.ts';
import { eventually } from '../../kit/eventually.ts';
import { type BrokerLogin, type NatsServer, startNatsServer } from '../../kit/fleet/nats-server.ts';

const accounts: SystemAccount[] = [];

function loginsOf({ folder, url, caFile }: NatsServer): BrokerLogins {
  const path = join(folder, SITE_FILES.brokerControl);
  const control = parseBrokerControl(readFileSync(path, 'utf8'), path);
  const tls = brokerTls([url], caFile);
  const credentials = (): string => control.credentials;
  const account = systemAccount({ servers: [url], name: 'test', credentials, tls });
  accounts.push(account);
  return brokerLogins(control, account.use);
}

const letAllBack = async (logins: RevokedLogins) => new Set(logins.keys());

describe('logins that are taken off a broker that runs', () => {
  let nats: NatsServer;
  let logins: BrokerLogins;
  const nkeyOf = ({ seed }: BrokerLogin): string => fromSeed(seed).getPublicKey();
  const nowS = (): number => Math.floor(Date.now() / 1000);
  /** Revoked from now on, for credentials that were issued in this second too. */
  const revoked = (...users: BrokerLogin[]) =>
    new Map(users.map(login => [nkeyOf(login), nowS() + 1] as const));

  beforeAll(async () => {
    nats = await startNatsServer();
    logins = loginsOf(nats);
  });
  afterAll(async () => {
    for (const account of accounts) await account.close();
    await nats?.stop();
  });

  const enforce = (refused: RevokedLogins) => logins.enforce(refused, letAllBack);
  const connectOnce = (login: BrokerLogin, to = nats): Promise<NatsConnection> =>
    to.connect(login, { reconnect: false });
  const isRefused = (login: BrokerLogin, by = nats): Promise<boolean> =>
    connectOnce(login, by).then(
      async connection => {
        await connection.close();
        return false;
      },
      () => true,
    );

  it('logins that are taken off a broker that runs lose their connection and get no other; all others keep theirs', async () => {
    const [thief, honest] = [await nats.hostLogin('web-1'), await nats.hostLogin('web-2')];
    const [stolen, kept] = [await connectOnce(thief), await connectOnce(honest)];
    expect(await enforce(revoked(thief))).toBe(true);
    await stolen.closed();
    expect(kept.isClosed()).toBe(false);
    await kept.flush();
    expect(await isRefused(thief)).toBe(true);
    expect(await isRefused(honest)).toBe(false);
    await kept.close();
  });

  it('logins that are taken off a broker that runs stay off after the broker was killed and started again', async () => {
    const login = await nats.hostLogin('web-3');
    const list = revoked(login);
    await enforce(list);
    await nats.kill();
    await nats.start();
    expect(await isRefused(login)).toBe(true);
    // The connection by which the broker was told is gone with it.
    expect(await enforce(list)).toBe(false);
  });

  it('logins that are taken off a broker in the second in which its site was made stay off after it was killed', async () => {
    // By the clock of this process all of it takes no time, so that any machine does it within one second.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const young = await startNatsServer();
    try {
      const login = await young.hostLogin('web-1');
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now(), shouldAdvanceTime: true });
      await loginsOf(young).enforce(revoked(login), letAllBack);
      await young.kill();
      await young.start();
      expect(await isRefused(login, young)).toBe(true);
    } finally {
      await young.stop();
    }
  });

  it('logins that are taken off a broker that runs are accepted again once they are no longer revoked', async () => {
    const login = await nats.hostLogin('web-4');
    await enforce(revoked(login));
    expect(await isRefused(login)).toBe(true);
    await enforce(new Map());
    await eventually('the login is accepted', async () => !(await isRefused(login)));
  });

  it('logins that are taken off a broker that runs are not changed by a host or a controller, who may not write to the system account', async () => {
    const host = await connectOnce(await nats.hostLogin('web-5'));
    const asking = host.request('$SYS.REQ.CLAIMS.UPDATE', 'x', { timeout: 2000 });
    await expect(asking).rejects.toThrow();
    await host.close();
  });
});
