import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { abortEnvelopeCodec } from '../../../shared/messages/index.ts';
import { ABORTS_SUBJECT } from '../../../shared/subjects/index.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];

describe('decisions about a request', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let host: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } } });
    controller = fleet.controller;
    host = fleet.host('demo-1');
  });
  afterAll(() => fleet?.stop());

  const here = (operator: string, ...args: string[]) => controller.farcallHere(operator, args);
  const ask = async (): Promise<{ id: string; digest: string }> => {
    const { stdout } = await here('alice', 'request', ...HELLO, '--json');
    return JSON.parse(stdout);
  };
  const statusOf = async (id: string) =>
    JSON.parse((await here('alice', 'report', id, '--json')).stdout).request.status;

  it('a script approves only the request that was reviewed', async () => {
    const { id, digest } = await ask();
    const approve = (...args: string[]) => here('bob', 'approve', id, '--yes', ...args);
    expect(await approve()).toMatchObject({ code: 2, stderr: expect.stringContaining('--digest') });
    expect(await approve('--digest', '0'.repeat(16))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('it is not what was reviewed [CONFLICT]'),
    });
    for (const short of [digest.slice(0, 15), 'sha256:', `${digest}0`])
      expect(await approve('--digest', short)).toMatchObject({ code: 2 });
    expect((await statusOf(id)).approvers).toEqual([]);
    expect((await approve('--digest', `sha256:${digest.slice(0, 16)}`)).code).toBe(0);
    expect((await statusOf(id)).approvers).toEqual(['bob']);
  });

  it('a rejection blocks a request until it is withdrawn, and everyone sees its reason', async () => {
    const { id, digest } = await ask();
    const rejected = await here('carol', 'reject', id, '--reason', 'wrong hosts', '--yes');
    expect(rejected).toMatchObject({ code: 0, stdout: expect.stringContaining(`request ${id} is rejected`) });
    const shown = await here('bob', 'approve', id, '--yes', '--digest', digest);
    expect(shown.stdout).toContain('rejected   by carol: wrong hosts');
    expect(shown.stdout).toContain(`request ${id} is rejected.`);
    expect(await statusOf(id)).toMatchObject({ state: 'rejected', approvers: ['bob'] });
    const withdrawn = await here('carol', 'withdraw', id, '--yes');
    expect(withdrawn.stdout).toContain(`Withdrawn; request ${id} is pending.`);
    const last = await here('carol', 'approve', id, '--yes', '--digest', digest);
    expect(last.stdout).toContain('is dispatched.');
    const order = await host.nextOrder(id);
    expect(order.approvals).toHaveLength(3);
    expect(order.withdrawals).toHaveLength(1);
    expect(await here('bob', 'withdraw', id, '--yes')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('use abort: farcall abort'),
    });
    expect(await host.answer(order)).toMatchObject({ committed: true });
  });

  it('reject and abort sign nothing after a no, and withdraw needs a decision', async () => {
    const { id } = await ask();
    const no = { canAsk: true, ask: async () => 'n' };
    expect((await controller.farcallHere('bob', ['reject', id, '--reason', 'x'], no)).code).toBe(6);
    expect((await here('bob', 'withdraw', id, '--yes')).stderr).toContain('has not decided');
    expect((await controller.farcallHere('alice', ['abort', id, '--reason', 'x'], no)).code).toBe(6);
    expect((await statusOf(id)).state).toBe('pending');
  });

  it('an abort reaches the hosts, and every host ends with one outcome', async () => {
    const aborts = host.connection.subscribe(ABORTS_SUBJECT)[Symbol.asyncIterator]();
    await host.connection.flush();
    const id = await controller.approved(...HELLO);
    const order = await host.nextOrder(id);
    const watching = controller.farcallHere('alice', ['watch', id]);
    const aborting = here('alice', 'abort', id, '--reason', 'it hangs', '--yes');
    const { value } = await aborts.next();
    const envelope = abortEnvelopeCodec.decode(value.data);
    expect(Buffer.from(envelope.request)).toEqual(Buffer.from(order.request));
    await host.obey(order.request, 'not-begun');
    const aborted = await aborting;
    expect(aborted.stdout).toContain(`Aborted; request ${id} is aborted.`);
    expect(aborted.stdout).toMatch(/over +\S+ m?s after the abort, obeyed by 1 host/);
    expect(aborted.code).toBe(0);
    const { code, stdout } = await watching;
    expect(code).toBe(11);
    expect(stdout).toContain(`${id} aborted, 1 of 1 host: 1 aborted`);
    const error = { code: 'ABORTED' as const, message: 'aborted by alice' };
    expect(await host.answer(order, { outcome: 'aborted', value: undefined, error })).toMatchObject({
      committed: true,
    });
    expect(await statusOf(id)).toMatchObject({
      state: 'aborted',
      abort: { by: 'alice', reason: 'it hangs' },
    });
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it('an abort names the hosts that have not said that they obey it, and ends with 7', async () => {
    const id = await controller.approved(...HELLO);
    const order = await host.nextOrder(id);
    const aborted = await here('alice', 'abort', id, '--reason', 'it hangs', '--yes');
    expect(aborted).toMatchObject({
      ...{
        code: 7,
        stdout: expect.stringContaining('silent     1 host (demo-1): not heard since the abort'),
      },
    });
    expect((await host.queryOrders()).map(open => Buffer.from(open.request))).not.toContainEqual(
      Buffer.from(order.request),
    );
    await host.obey(order.request, 'not-begun');
    expect((await controller.farcallHere('alice', ['watch', id])).code).toBe(11);
  });

  it('an abort before the order ends the request at once', async () => {
    const { id } = await ask();
    expect((await here('mallory', 'abort', id, '--reason', 'x', '--yes')).code).toBe(4);
    expect((await here('bob', 'abort', id, '--reason', 'no', '--yes')).stdout).toContain('is aborted.');
    expect((await controller.farcallHere('alice', ['watch', id])).stdout).toContain(
      '1 of 1 host: 1 not-ordered',
    );
  });
});
