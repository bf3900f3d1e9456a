import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../../controller/cli/core/index.ts';
import { eventually } from '../../kit/eventually.ts';
import { type ControllerFixture, startController } from '../../kit/fleet/controller-process.ts';
import { type NatsServer, startNatsServer } from '../../kit/fleet/nats-server.ts';
import { standInHost } from '../../kit/fleet/stand-in-host.ts';
import { canMountDisk, mountDisk, type SmallDisk } from '../../kit/small-disk.ts';

describe.skipIf(!canMountDisk())('a controller whose disk is full', () => {
  let disk: SmallDisk;
  let nats: NatsServer;
  let controller: ControllerFixture;
  let probes: string;
  let request: string;

  beforeAll(async () => {
    disk = mountDisk(8);
    nats = await startNatsServer();
    controller = await startController({
      nats,
      config: { store: { sqlite: join(disk.folder, 'farcall.db') }, metrics: { listen: '127.0.0.1:0' } },
    });
    const served = await controller.logged(({ msg }) => msg === 'metrics and probes are served');
    probes = String(served['listen']);
    const host = await standInHost({ name: 'web-1', nats, ...(await controller.enrol('web-1')) });
    await host.hello();
    await host.close();
    await eventually(
      'the host is known',
      async () => (await controller.farcallJson('alice', 'hosts')).length > 0,
    );
    const asked = await controller.requested('nr_processes()', '--hosts', 'host=web-1', '--reason', 'before');
    request = asked.id;
    disk.fill();
  });
  afterAll(async () => {
    await controller?.remove();
    await nats?.stop();
    disk?.remove();
  });

  const ready = async () => {
    const reply = await fetch(`http://${probes}/readyz`);
    return { status: reply.status, text: await reply.text() };
  };
  const ask = () =>
    controller.farcallHere('alice', [
      ...['request', `_printk("${'x'.repeat(20_000)}")`],
      ...['--hosts', 'host=web-1', '--reason', 'while full', '--no-plan'],
    ]);

  it('a controller whose disk is full says so first: to the caller, in its log and in its readiness', async () => {
    const refused = await eventually('a write is refused', async () => {
      const reply = await ask();
      return reply.code === EXIT.ok ? undefined : reply;
    });
    expect(refused.stderr).toMatch(/^farcall: the disk of the store is full: .* \[STORE_FULL\]/m);
    expect(refused.code).toBe(EXIT.unreachable);
    const line = await controller.logged(({ msg }) => msg.startsWith('disk of the store is full'));
    expect(JSON.stringify(line)).toContain('database or disk is full');
    expect(JSON.stringify(controller.log)).not.toContain('no transaction is active');
    expect(await ready()).toMatchObject({
      status: 503,
      text: expect.stringMatching(/^store STORE_FULL: the disk of the store is full/m),
    });
  });

  it('a controller whose disk is full goes on answering what only reads', async () => {
    for (const args of [['hosts'], ['requests'], ['report', request], ['audit', 'list'], ['locks']]) {
      const reply = await controller.farcallHere('alice', args);
      expect(reply, reply.stderr).toMatchObject({ stderr: expect.not.stringContaining('[STORE_') });
    }
  });

  it('a controller whose disk is full writes again once there is room, and says so', async () => {
    disk.free();
    await eventually('it is ready', async () => (await ready()).status === 200);
    expect((await ask()).code).toBe(EXIT.ok);
    await controller.logged(({ msg }) => msg === 'store can be written again');
    expect((await controller.auditVerify()).code).toBe(EXIT.ok);
  });
});
