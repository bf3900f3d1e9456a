import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControllerFixture, startController } from './controller-process.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';
import { type StandInHost, standInHost } from './stand-in-host.ts';

/** The permissions of shared/subjects: each side may do what it needs, and nothing else. */
const USERS = `authorization {
  users = [
    { user: ctl-1, password: secret-of-ctl, permissions: {
        publish: ["farcall.orders", "farcall.aborts", "farcall.trust", "farcall.inbox.>"]
        subscribe: ["farcall.host.*.hello", "farcall.host.*.result", "farcall.host.*.orders",
                    "farcall.host.*.trust"] } }
    { user: demo-1, password: secret-of-demo, permissions: {
        publish: ["farcall.host.demo-1.>"]
        subscribe: ["farcall.orders", "farcall.aborts", "farcall.trust", "farcall.inbox.demo-1.>"] } }
  ]
}`;

describe('a broker that holds everybody to his own subjects', () => {
  let nats: NatsServer;
  let controller: ControllerFixture;
  let host: StandInHost;

  beforeAll(async () => {
    nats = await startNatsServer(USERS);
    controller = await startController({
      natsUrl: nats.url,
      config: { nats: { servers: [nats.url], user: 'ctl-1', passwordFile: 'nats.password' } },
      secrets: { 'nats.password': 'secret-of-ctl\n' },
    });
    const login = { user: 'demo-1', pass: 'secret-of-demo' };
    host = await standInHost({ name: 'demo-1', url: nats.url, labels: { env: 'demo' }, login });
    await host.hello();
    await controller.logged(line => line['effect'] === 'registered');
  });

  afterAll(async () => {
    await host?.close();
    await controller?.remove();
    await nats?.stop();
  });

  it('lets a request through to its result', async () => {
    const id = await controller.approved('f()', '--hosts', 'host=demo-1', '--reason', 'why');
    const order = await host.nextOrder();
    expect(await host.queryOrders()).toHaveLength(1);
    expect(await host.answer(order)).toMatchObject({ committed: true });
    expect((await controller.farcall('alice', 'report', id)).code).toBe(0);
  });

  it('is tried again and again where it refuses the login, and the log does not say the password', async () => {
    await controller.stop();
    const starting = controller.start({ 'nats.password': 'not-the-secret' });
    const ended = expect(starting).rejects.toThrow('the controller ended with 0');
    await controller.logged(
      line => line.msg === 'broker cannot be reached; trying again' && line['attempt'] === 2,
    );
    expect(JSON.stringify(controller.log)).not.toMatch(/secret-of-ctl|not-the-secret/);
    await controller.stop();
    await ended;
  });
});
