import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import { hostSubject } from '../../../shared/subjects/index.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];

describe('a controller that is killed', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let one: StandInHost;
  let two: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' }, 'demo-2': { env: 'demo' } } });
    ({ controller } = fleet);
    [one, two] = [fleet.host('demo-1'), fleet.host('demo-2')];
  });

  afterAll(() => fleet?.stop());

  it('a controller that is killed after a result, before the host hears of it: nothing is lost, nothing is twice', async () => {
    const id = await controller.approved(...HELLO);
    const [orderOne, orderTwo] = await Promise.all([one.nextOrder(id), two.nextOrder(id)]);
    const envelope = await one.seal(orderOne);
    // The host does not listen for the answer: to it, the controller died before it.
    one.connection.publish(hostSubject('demo-1', 'result'), envelope);
    await controller.logged(line => line.msg === 'result committed' && line['host'] === 'demo-1');
    await controller.kill();
    // Nobody is there, which the broker may not have seen yet: this one stays on the host's disk.
    const kept = await two.seal(orderTwo);
    await expect(two.send(kept)).rejects.toMatchObject({ code: expect.stringMatching(/^(503|TIMEOUT)$/) });

    await controller.start();
    const sent = resultEnvelopeCodec.decode(envelope).signature;
    expect(await one.send(envelope)).toMatchObject({ committed: true });
    expect(await two.queryOrders()).toHaveLength(1);
    expect(await one.queryOrders()).toEqual([]);
    expect(await two.send(kept)).toMatchObject({ committed: true });
    const { request, hosts } = await controller.farcallJson('alice', 'report', id);
    expect(request.status).toMatchObject({
      state: 'finished',
      outcomes: [{ outcome: 'returned', hosts: 2 }],
    });
    expect(hosts).toHaveLength(2);
    expect(sent).toBeTruthy();
    const published = controller.log.filter(line => line.msg === 'order published' && line['request'] === id);
    expect(published).toHaveLength(1);
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it('a controller that is killed between two approvals: the first one still counts', async () => {
    const { id, digest } = await controller.farcallJson('alice', 'request', ...HELLO);
    await controller.farcall('bob', 'approve', id, '--yes', '--digest', digest);
    await controller.kill();
    expect(await controller.farcall('carol', 'approve', id, '--yes', '--digest', digest)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('no controller answers at'),
    });
    await controller.start();
    const approved = await controller.farcall('carol', 'approve', id, '--yes', '--digest', digest);
    expect(approved.stdout).toContain(`Approved: 2 of 2 (bob, carol); request ${id} is dispatched.`);
    expect(await one.nextOrder(id)).toBeTruthy();
  });
});
