import { beforeEach, describe, expect, it } from 'vitest';
import { publishOrders } from '../../../controller/dispatch/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { gateOf } from '../../../shared/rollout/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import {
  act,
  type ControllerParts,
  commitOne,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';

describe('a result around a retry', () => {
  let parts: ControllerParts;
  let id: string;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    const wave = { size: 'rest', bakeMs: 0, manual: false };
    const gate = { ...gateOf({ maxFailedHosts: 2 }), health: false };
    ({ id } = await dispatched(parts, { ...DRAFT, rollout: { waves: [wave], gate, answerWithinMs: 5000 } }));
  });

  const says = (host: string, attempt: number, outcome: Outcome) => {
    const result = Buffer.from(`${host} ${attempt} ${outcome}`);
    const said = { requestId: id, host, attempt, outcome, result };
    return commitOne(parts, { ...said, digest: sha256(result), signature: 'signed' });
  };
  const retry = (...only: Outcome[]) => act(parts, 'bob', { id, action: 'retry', only });
  const goOn = async (byMs = 0): Promise<void> => {
    parts.clock.advance(byMs);
    await parts.drive(id);
    await publishOrders(parts);
  };
  const reported = async (name: string) =>
    (await parts.reports.page(id, { seq: 0, host: '' }, 10)).reports.find(({ host }) => host === name);
  const stateOf = async () => (await parts.requests.find(id))?.state;

  it('a result around a retry does not count if it is of an earlier attempt and the host will answer to a later one', async () => {
    await goOn(6000);
    await retry('unreachable', 'load-error');
    expect(await says('demo-1', 1, 'load-error')).toBe('late');
    expect(await reported('demo-1')).toMatchObject({ outcome: undefined, attempt: 2, lateResult: undefined });
    expect(await says('demo-1', 2, 'returned')).toBe('outcome');
    expect(await reported('demo-1')).toMatchObject({ outcome: 'returned', attempt: 2 });
  });

  it('a result around a retry counts if the retry does not mean hosts that ended so', async () => {
    await goOn(6000);
    await retry('unreachable');
    expect(await says('demo-1', 1, 'load-error')).toBe('outcome');
    expect(await reported('demo-1')).toMatchObject({ outcome: 'load-error', attempt: 2 });
  });

  it('a result around a retry counts if it says that something ran', async () => {
    await goOn(6000);
    await retry('unreachable', 'load-error');
    expect(await says('demo-1', 1, 'faulted')).toBe('outcome');
    expect(await reported('demo-1')).toMatchObject({ outcome: 'faulted' });
  });

  it('a result around a retry changes nothing if it was known before the retry and is sent again', async () => {
    await says('demo-1', 1, 'refused');
    await retry('refused');
    expect(await says('demo-1', 1, 'refused')).toBe('duplicate');
    expect(await reported('demo-1')).toMatchObject({ outcome: undefined });
  });

  it('a result around a retry counts into the same sums once a finished request is taken up again', async () => {
    await says('demo-1', 1, 'load-error');
    await says('demo-2', 1, 'returned');
    await goOn();
    expect(await stateOf()).toBe('finished');
    await retry('load-error');
    expect(await stateOf()).toBe('dispatched');
    await goOn();
    expect(await parts.orders.openFor('demo-1', parts.clock.nowMs(), 10)).toHaveLength(1);
    expect(await parts.orders.openFor('demo-2', parts.clock.nowMs(), 10)).toEqual([]);
    await says('demo-1', 2, 'returned');
    await goOn();
    expect(await stateOf()).toBe('finished');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'returned', hosts: 2 }]);
    expect((await parts.rollouts.find(id)).state).toBe('done');
  });
});
