import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControllerFixture, startController } from './controller-process.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';
import { type StandInHost, standInHost } from './stand-in-host.ts';

const HELLO = ['_printk("Hello, world %d\\n", 1234)', '--hosts', 'env=demo', '--reason', 'say hello'];

describe('from a request to its results', () => {
  let nats: NatsServer;
  let controller: ControllerFixture;
  let one: StandInHost;
  let two: StandInHost;

  beforeAll(async () => {
    nats = await startNatsServer();
    controller = await startController({ natsUrl: nats.url });
    one = await standInHost({ name: 'demo-1', url: nats.url, labels: { env: 'demo' } });
    two = await standInHost({ name: 'demo-2', url: nats.url, labels: { env: 'demo' } });
    await one.hello();
    await two.hello({ kernelRelease: '6.1.0-40-amd64' });
    for (const host of ['demo-1', 'demo-2'])
      await controller.logged(line => line['host'] === host && line['effect'] === 'registered');
  });

  afterAll(async () => {
    await Promise.all([one?.close(), two?.close()]);
    await controller?.remove();
    await nats?.stop();
  });

  it('two approvers, two hosts, one table', async () => {
    const { id } = await controller.farcallJson('alice', 'request', ...HELLO);
    const first = await controller.farcall('bob', 'approve', id, '--yes');
    expect(first).toMatchObject({ code: 0 });
    const second = await controller.farcall('carol', 'approve', id, '--yes');
    console.log(first.stdout, second.stdout, second.stderr);
    const watching = controller.farcall('alice', 'watch', id);
    const [orderOne, orderTwo] = await Promise.all([one.nextOrder(), two.nextOrder()]);
    expect(await one.answer(orderOne)).toMatchObject({ committed: true });
    expect(await two.answer(orderTwo)).toMatchObject({ committed: true });
    const watched = await watching;
    console.log(watched.stdout, watched.stderr);
    expect(watched.code).toBe(0);
    console.log((await controller.farcall('alice', 'requests')).stdout);
    console.log((await controller.farcall('alice', 'hosts')).stdout);
  });
});
