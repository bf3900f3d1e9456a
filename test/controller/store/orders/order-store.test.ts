import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../../shared/tokens/index.ts';
import {
  type ControllerParts,
  commitOne,
  DRAFT,
  dispatched,
  introduce,
} from '../../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../../kit/engines.ts';

describe.each(ENGINES)('the open orders of a host, on $name', engine => {
  const stores = engine.use();
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = await newParts(stores);
    await introduce(parts);
  });

  const open = (host: string) => parts.orders.openFor(host, parts.clock.nowMs(), 10);

  it('the open orders of a host are those to which it owes a result', async () => {
    const { id, envelope } = await dispatched(parts);
    expect(await open('demo-1')).toEqual([new Uint8Array(envelope)]);
    expect(await open('prod-1')).toEqual([]);
    const result = Buffer.from('done');
    await commitOne(parts, {
      requestId: id,
      host: 'demo-1',
      attempt: 1,
      outcome: 'returned',
      result,
      digest: sha256(result),
      signature: 'signed',
    });
    expect(await open('demo-1')).toEqual([]);
    expect(await open('demo-2')).toHaveLength(1);
  });

  it('the open orders of a host end with the life of their request', async () => {
    await dispatched(parts);
    parts.clock.advance(DRAFT.lifetimeMs);
    expect(await open('demo-1')).toEqual([]);
  });

  it('the open orders of a host come oldest first, as many as asked for', async () => {
    const first = await dispatched(parts);
    parts.clock.advance(1000);
    const second = await dispatched(parts);
    expect(await open('demo-1')).toEqual([first, second].map(({ envelope }) => new Uint8Array(envelope)));
    expect(await parts.orders.openFor('demo-1', parts.clock.nowMs(), 1)).toHaveLength(1);
  });
});
