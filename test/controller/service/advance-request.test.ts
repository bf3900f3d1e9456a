import { beforeEach, describe, expect, it } from 'vitest';
import { publishOrders } from '../../../controller/dispatch/index.ts';
import { advanceAll, advanceRequest } from '../../../controller/service/index.ts';
import { trustSource } from '../../../controller/trust/index.ts';
import { callRequestCodec, orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { ORDERS_SUBJECT } from '../../../shared/subjects/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import { countApprovals, keyringOf } from '../../../shared/trust/index.ts';
import { BUNDLE, claimsIn, type Member, SITE } from '../../kit/cast.ts';
import {
  approvalBy,
  approve as approveIn,
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';

describe('a request that is advanced', () => {
  let parts: ControllerParts;
  let id: string;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    id = await requestBy(parts, 'alice', DRAFT);
  });

  const approve = async (person: Member): Promise<void> => {
    const token = await approvalBy(parts, person, id);
    await approveIn(parts, person, { id, token });
  };
  const state = async () => (await parts.requests.find(id))?.state;

  it('a request that is advanced stays pending with one approval of two', async () => {
    await approve('bob');
    await advanceRequest(parts, id);
    await publishOrders(parts);
    expect(await state()).toBe('pending');
    expect(parts.bus.published).toEqual([]);
  });

  it('a request that is advanced ends in one published order that every host can verify', async () => {
    await approve('bob');
    await approve('carol');
    await advanceRequest(parts, id);
    expect(await state()).toBe('dispatched');
    await publishOrders(parts);
    await publishOrders(parts);
    expect(parts.bus.published.map(({ subject }) => subject)).toEqual([ORDERS_SUBJECT]);
    const order = orderEnvelopeCodec.decode(parts.bus.published[0]?.bytes ?? new Uint8Array());
    const nowMs = parts.clock.nowMs();
    const { claims } = await claimsIn('order', order.order, {
      keyring: keyringOf(BUNDLE.controllers),
      nowMs,
    });
    expect(claims).toMatchObject({
      iss: 'ctl-1',
      req: digestText(sha256(order.request)),
      attempt: 1,
      wave: 1,
      slice: { from: 0, to: 2 ** 32 },
    });
    const request = callRequestCodec.decode(order.request);
    expect(claims.exp).toBe(Math.floor(request.expiresAtMs / 1000));
    const { approvals, withdrawals, request: requestBytes } = order;
    const count = await countApprovals({
      ...{ requestBytes, request, approvals, withdrawals, bundle: BUNDLE, nowMs },
    });
    expect(count.approvers).toEqual(['bob', 'carol']);
  });

  it('a request that is advanced is ordered once, however many callers advance it at the same time', async () => {
    await approve('bob');
    await approve('carol');
    await Promise.all([advanceRequest(parts, id), advanceAll(parts), advanceRequest(parts, id)]);
    await publishOrders(parts);
    expect(parts.bus.published).toHaveLength(1);
  });

  it('a request that is advanced continues where a controller died after storing the approvals', async () => {
    await approve('bob');
    await approve('carol');
    await advanceAll(parts);
    expect(await state()).toBe('dispatched');
  });

  it('a request that is advanced continues where a controller died between approval and order', async () => {
    await approve('bob');
    await approve('carol');
    await parts.requests.markApproved(id, { approvers: ['bob', 'carol'], trustVersion: 3, revision: 2 });
    await advanceAll(parts);
    expect(await state()).toBe('dispatched');
  });

  it('a request that is advanced is published when the broker is back, and no sooner', async () => {
    await approve('bob');
    await approve('carol');
    parts.bus.isAway = true;
    await advanceRequest(parts, id);
    expect(await codeOf(publishOrders(parts))).toBe('UNREACHABLE');
    parts.bus.isAway = false;
    await publishOrders(parts);
    expect(parts.bus.published).toHaveLength(1);
  });

  it('a request that is advanced is not ordered after it has expired', async () => {
    await approve('bob');
    await approve('carol');
    parts.clock.advance(DRAFT.lifetimeMs);
    await advanceRequest(parts, id);
    expect(await state()).toBe('pending');
  });

  it('a request that is advanced is not ordered on approvals of a person who has left the trust bundle', async () => {
    await approve('bob');
    await approve('carol');
    const approvers = BUNDLE.approvers.filter(({ name }) => name !== 'carol');
    const changed = { ...BUNDLE, approvers };
    const trust = trustSource({ site: SITE, newest: () => changed, clock: parts.clock });
    await advanceRequest({ ...parts, trust }, id);
    expect(await state()).toBe('pending');
  });

  it('a request that is advanced is ordered at once if the trust bundle asks for no approval of a program that only reads', async () => {
    const thresholds = { standard: { read: 0, call: 2, write: 2 } };
    const changed = { ...BUNDLE, thresholds };
    const trust = trustSource({ site: SITE, newest: () => changed, clock: parts.clock });
    const read = await requestBy({ ...parts, trust }, 'alice', { ...DRAFT, effect: 'read' });
    await advanceAll({ ...parts, trust });
    expect((await parts.requests.find(read))?.state).toBe('dispatched');
    expect(await state()).toBe('pending');
    await publishOrders(parts);
    expect(parts.bus.published).toHaveLength(1);
    const order = orderEnvelopeCodec.decode(parts.bus.published[0]!.bytes);
    expect(order.approvals).toEqual([]);
    expect(callRequestCodec.decode(order.request)).toMatchObject({ id: read, effect: 'read' });
  });
});
