import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperatorClient, operatorClient } from '../../../controller/cli/session/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import {
  callRequestCodec,
  type OrderEnvelope,
  type RolloutActionName,
  type RolloutView,
} from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { inSlice, parseSelector, selectorMatches } from '../../../shared/targets/index.ts';
import { readKeyFile, type SigningKey, sha256, splitCanonicalToken } from '../../../shared/tokens/index.ts';
import { actionOf } from '../../kit/decisions.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';

const HOSTS = {
  'c-1': { env: 'demo', role: 'canary' },
  'w-1': { env: 'demo', role: 'web' },
  'w-2': { env: 'demo', role: 'web' },
  'w-3': { env: 'demo', role: 'web' },
  'w-4': { env: 'demo', role: 'web' },
} as const;
type Name = keyof typeof HOSTS;
const NAMES = Object.keys(HOSTS) as Name[];
const REQUEST = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];
const WAVES = [...['--wave', 'role=canary; manual'], ...['--wave', '2'], ...['--wave', 'rest']];

interface OrderClaims {
  readonly attempt: number;
  readonly wave: number;
  readonly slice: { readonly from: number; readonly to: number };
  readonly only?: readonly string[];
}

const claimsOf = ({ order }: OrderEnvelope): OrderClaims =>
  splitCanonicalToken(order).payload as unknown as OrderClaims;

/** Whether the order is for the host, as agents see it. */
function isFor(order: OrderEnvelope, name: Name): boolean {
  const { slice, wave } = claimsOf(order);
  const selector = callRequestCodec.decode(order.request).rollout?.waves[wave - 1]?.selector ?? '*';
  return (
    inSlice(slice, sha256(order.request), name) &&
    selectorMatches(parseSelector(selector), label => new Map(Object.entries(HOSTS[name])).get(label))
  );
}

describe('a rollout', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let client: OperatorClient;
  let bob: { readonly name: string; readonly key: SigningKey };

  beforeAll(async () => {
    fleet = await startFleet({ hosts: HOSTS });
    ({ controller } = fleet);
    bob = { name: 'bob', key: readKeyFile(join(controller.folder, 'bob.key')) };
    client = operatorClient({
      address: controller.address,
      as: { ...bob, site: controller.site },
      clock: systemClock,
      caFile: fleet.nats.caFile,
    });
  });

  afterAll(async () => {
    client?.close();
    await fleet?.stop();
  });

  const host = (name: string): StandInHost => fleet.host(name);
  const rolloutOf = async (id: string): Promise<RolloutView> =>
    (await client.call('getRequest', { id })).rollout!;
  /** Resolves when the controller says that the rollout is in that state, and how it then stands. */
  const reached = (id: string, state: RolloutView['state']): Promise<RolloutView> =>
    eventually(`the rollout is ${state}`, async () => {
      const view = await rolloutOf(id);
      return view.state === state ? view : undefined;
    });
  /** Has bob sign an action at the wave that they see, or at `wave`, and hand it in. */
  const act = async (
    id: string,
    action: RolloutActionName,
    { wave, only }: { readonly wave?: number; readonly only?: Outcome[] } = {},
  ): Promise<void> => {
    const { request, rollout } = await client.call('getRequest', { id });
    const begun = rollout?.waves.filter(({ state }) => state !== 'pending').length ?? 0;
    const about = { action, wave: wave ?? begun, ...(only && { only }) };
    const token = await actionOf(bob, request, { ...about, nowMs: Date.now(), site: controller.site });
    await client.call('submitAction', { id, token });
  };
  /** The next order of the request that any host hears, and the hosts that it is for. */
  const nextWave = async (id: string): Promise<{ order: OrderEnvelope; names: Name[] }> => {
    const order = await host('c-1').nextOrder(id);
    return { order, names: NAMES.filter(name => isFor(order, name)) };
  };
  const answerAll = async (order: OrderEnvelope, names: readonly string[]): Promise<void> => {
    for (const name of names) expect(await host(name).answer(order)).toMatchObject({ committed: true });
  };

  it('a rollout goes wave by wave, stops when its gate fails, and goes on after a retry has mended it', async () => {
    const id = await controller.approved(...REQUEST, ...WAVES, '--max-failed', '0');
    const first = await nextWave(id);
    expect(first.names).toEqual(['c-1']);
    expect(claimsOf(first.order)).toMatchObject({ wave: 1, attempt: 1 });
    for (const name of NAMES.filter(each => each !== 'c-1'))
      expect(await host(name).queryOrders()).toEqual([]);
    await answerAll(first.order, ['c-1']);
    const waiting = await reached(id, 'awaiting-promotion');
    expect(waiting.waves.map(({ state, hosts }) => [state, hosts])).toEqual([
      ['passed', 1],
      ['pending', 2],
      ['pending', 2],
    ]);
    await expect(act(id, 'promote', { wave: 2 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await act(id, 'promote', { wave: 1 });

    const second = await nextWave(id);
    const [broken = 'w-1', slow = 'w-1'] = second.names.filter(name => name !== 'c-1');
    expect(claimsOf(second.order)).toMatchObject({ wave: 2 });
    const error = { code: 'MODULE_REFUSED' as const, message: 'no' };
    await host(broken).answer(second.order, { outcome: 'load-error', value: undefined, error });
    const stopped = await reached(id, 'stopped');
    expect(stopped.reason).toBe('wave 2: 1 of 2 hosts failed, and 0 may');
    expect(await host(slow).queryOrders()).toEqual([]);
    await expect(act(id, 'resume')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('nobody can pass it over'),
    });

    await act(id, 'retry', { only: ['load-error'] });
    const retry = await nextWave(id);
    expect(claimsOf(retry.order)).toMatchObject({ wave: 2, attempt: 2, only: ['load-error'] });
    expect(await host(broken).queryOrders()).toHaveLength(1);
    expect(await host(broken).answer(retry.order, { attempt: 2 })).toMatchObject({ committed: true });
    await act(id, 'resume');
    await answerAll(second.order, [slow]);

    const third = await nextWave(id);
    const rest = NAMES.filter(name => ![...second.names, 'c-1'].includes(name));
    await act(id, 'pause');
    expect((await rolloutOf(id)).state).toBe('paused');
    for (const name of rest) expect(await host(name).queryOrders()).toEqual([]);
    await act(id, 'resume');
    expect(await host(rest[0]!).queryOrders()).toHaveLength(1);
    await answerAll(third.order, rest);
    const done = await reached(id, 'done');
    expect(done.waves.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed']);
    const { state, outcomes } = await client.call('getRequest', { id });
    expect({ state, outcomes }).toEqual({ state: 'finished', outcomes: [{ outcome: 'returned', hosts: 5 }] });
  });

  it('a rollout takes silence for failure, and the word of a host that comes back instead', async () => {
    const id = await controller.approved(...REQUEST, ...WAVES, '--answer-within', '1s', '--max-failed', '0');
    const { order } = await nextWave(id);
    const stopped = await reached(id, 'stopped');
    expect(stopped.waves[0]).toMatchObject({
      state: 'failed',
      outcomes: [{ outcome: 'unreachable', hosts: 1 }],
    });
    await answerAll(order, ['c-1']);
    expect((await rolloutOf(id)).waves[0]?.outcomes).toEqual([{ outcome: 'returned', hosts: 1 }]);
    await act(id, 'resume');
    await reached(id, 'awaiting-promotion');
    await act(id, 'promote');
    await nextWave(id);
  });

  it('a rollout goes on where the controller died in the middle of a wave', async () => {
    const id = await controller.approved(...REQUEST, ...WAVES);
    const first = await nextWave(id);
    await controller.kill();
    await controller.start();
    await answerAll(first.order, ['c-1']);
    await reached(id, 'awaiting-promotion');
    await act(id, 'promote', { wave: 1 });
    const second = await nextWave(id);
    expect(claimsOf(second.order).wave).toBe(2);
    await controller.kill();
    await controller.start();
    await answerAll(
      second.order,
      second.names.filter(name => name !== 'c-1'),
    );
    expect(claimsOf((await nextWave(id)).order).wave).toBe(3);
  });

  it('a rollout starts no wave after it was aborted', async () => {
    const id = await controller.approved(...REQUEST, ...WAVES);
    const { order } = await nextWave(id);
    const aborted = await controller.farcallHere('alice', ['abort', id, '--reason', 'no', '--yes']);
    expect(aborted.code).toBe(7);
    await answerAll(order, ['c-1']);
    const view = await rolloutOf(id);
    expect(view).toMatchObject({ state: 'aborted', waves: [{ state: 'running' }, { state: 'pending' }, {}] });
    await expect(act(id, 'promote')).rejects.toMatchObject({ code: 'CONFLICT' });
    for (const name of NAMES) {
      const ids = (await host(name).queryOrders()).map(each => callRequestCodec.decode(each.request).id);
      expect(ids).not.toContain(id);
    }
  });

  it('a rollout says what is wrong with waves before anything is signed', async () => {
    const ask = (...waves: string[]) => controller.farcallHere('alice', ['request', ...REQUEST, ...waves]);
    expect(await ask('--wave', '2')).toMatchObject({
      stderr: "farcall: no wave takes 3 of the 5 hosts; end with the wave 'rest' [ROLLOUT_INVALID]\n",
    });
    expect(await ask('--wave', 'role=db', '--wave', 'rest')).toMatchObject({
      stderr: expect.stringContaining("no remaining host matches 'role=db' [ROLLOUT_INVALID]"),
    });
    expect(await ask('--wave', '0%')).toMatchObject({
      stderr: expect.stringContaining("'0%' is not a wave"),
    });
    expect(await ask('--bake', '1m')).toMatchObject({ stderr: expect.stringContaining('--wave rest') });
    const { stdout } = await ask(
      '--wave',
      'role=canary; bake 1m',
      '--wave',
      'rest',
      '--max-failed-share',
      '1%',
    );
    expect(stdout).toContain('  wave 1     role=canary, bakes for 60 s\n  wave 2     rest\n');
    expect(stdout).toContain('  waves   1: 1 host, 2: 4 hosts\n');
  });

  it('the audit log holds', async () => {
    expect(await controller.auditVerify()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing is wrong'),
    });
  });
});
