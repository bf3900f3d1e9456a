import { beforeEach, describe, expect, it } from 'vitest';
import { expireOverdue } from '../../../controller/gather/index.ts';
import {
  type ControllerParts,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';

describe('an overdue request', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  const state = async (id: string) => (await parts.requests.find(id))?.state;

  it('an overdue request expires at the end of its life if it was never ordered', async () => {
    const id = await requestBy(parts, 'alice', DRAFT);
    parts.clock.advance(DRAFT.lifetimeMs - 1);
    await expireOverdue(parts);
    expect(await state(id)).toBe('pending');
    parts.clock.advance(1);
    await expireOverdue(parts);
    expect(await state(id)).toBe('expired');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'not-ordered', hosts: 2 }]);
  });

  it('an overdue request waits for a call that may have started in the last moment', async () => {
    const { id } = await dispatched(parts);
    parts.clock.advance(DRAFT.lifetimeMs + DRAFT.timeoutMs + parts.hostSilenceMs - 1);
    await expireOverdue(parts);
    expect(await state(id)).toBe('dispatched');
    parts.clock.advance(1);
    await expireOverdue(parts);
    expect(await state(id)).toBe('finished');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'expired', hosts: 2 }]);
  });
});
