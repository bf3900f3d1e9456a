import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runOrder } from '../../../agent/run-order/index.ts';
import type { LoadReport } from '../../../agent/stages/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { OUTCOME_NAMES, type Outcome } from '../../../shared/outcome/index.ts';
import { type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { orderContext } from '../support/order-context.ts';
import { RETURNED } from '../support/stand-in-stages.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);

/** A host and one request, to which orders come. */
async function hostWith(load: () => Promise<LoadReport> = async () => RETURNED) {
  const context = orderContext(kit, NOW_MS, { stages: { load } });
  const { request } = await kit.order();
  return {
    ...context,
    order: async (changes: OrderChanges = {}) =>
      runOrder((await kit.order({ request, ...changes })).envelope, context.agent),
    said: () => context.results().map(({ attempt, outcome }) => `${attempt} ${outcome}`),
    commitAll() {
      for (const { resultDigest } of context.journal.pending()) context.journal.commit(resultDigest, NOW_MS);
    },
  };
}

const refusedByKernel = () => Promise.reject(new FarcallError('MODULE_REFUSED', 'EKEYREJECTED'));

describe('a retry runs', () => {
  test('a retry runs if the last outcome is one that it is for, and nothing ran', async () => {
    const host = await hostWith();
    await host.order({ approvers: ['bob'] });
    await host.order({ attempt: 2, only: ['load-error', 'refused'] });
    expect(host.said()).toEqual(['1 refused', '2 returned']);
    expect(host.loaded).toHaveLength(1);
  });

  test('a retry runs for unreachable hosts if this host has no outcome of the request', async () => {
    const host = await hostWith();
    await host.order({ attempt: 7, only: ['unreachable'] });
    expect(host.said()).toEqual(['7 returned']);
  });

  test('a retry runs again and again, as long as nothing runs', async () => {
    const host = await hostWith(refusedByKernel);
    await host.order();
    for (const attempt of [2, 3, 9]) await host.order({ attempt, only: ['load-error'] });
    expect(host.said()).toEqual(['1 load-error', '2 load-error', '3 load-error', '9 load-error']);
  });
});

describe('a retry runs nothing, and the earlier result is sent again', () => {
  const ends: [string, () => Promise<LoadReport>][] = [
    ['returned', async () => RETURNED],
    ['skipped', async () => ({ ...RETURNED, outcome: 'skipped' })],
    ['faulted', async () => ({ ...RETURNED, outcome: 'faulted' })],
    ['timed-out', async () => ({ ...RETURNED, outcome: 'timed-out' })],
    ['unknown', () => Promise.reject(new FarcallError('LOADER_FAILED', 'killed'))],
  ];
  test.each(ends)(
    'a retry runs nothing, and the earlier result is sent again if the outcome was %s, whatever the retry is for',
    async (outcome, load) => {
      const host = await hostWith(load);
      await host.order();
      host.commitAll();
      expect(host.said()).toEqual([]);
      await host.order({ attempt: 2, only: OUTCOME_NAMES });
      expect(host.said()).toEqual([`1 ${outcome}`]);
      expect(host.loaded).toHaveLength(1);
    },
  );

  test('a retry runs nothing, and the earlier result is sent again if it is for hosts with another last outcome', async () => {
    const host = await hostWith(refusedByKernel);
    await host.order();
    await host.order({ attempt: 2, only: ['refused', 'unreachable', 'expired'] });
    expect(host.said()).toEqual(['1 load-error']);
    expect(host.loaded).toHaveLength(1);
  });

  test('a retry runs nothing, and the earlier result is sent again if it is for the first outcome and not for the last', async () => {
    const host = await hostWith(refusedByKernel);
    await host.order({ approvers: [] });
    await host.order({ attempt: 2, only: ['refused'] });
    host.commitAll();
    await host.order({ attempt: 3, only: ['refused'] });
    expect(host.said()).toEqual(['2 load-error']);
  });

  test('a retry runs nothing, and the earlier result is sent again if its number goes back, or repeats with another token', async () => {
    const host = await hostWith(refusedByKernel);
    await host.order({ attempt: 5, only: ['unreachable'] });
    for (const attempt of [1, 4, 5])
      await host.order({ attempt, only: OUTCOME_NAMES, jti: `again-and-again-${attempt}` });
    await host.order();
    expect(host.said()).toEqual(['5 load-error']);
    expect(host.loaded).toHaveLength(1);
  });

  test('a retry runs nothing, and the earlier result is sent again if it does not say which outcomes it is for, since it is then for hosts without an outcome', async () => {
    const host = await hostWith(refusedByKernel);
    await host.order();
    await host.order({ attempt: 2 });
    expect(host.said()).toEqual(['1 load-error']);
    expect(host.loaded).toHaveLength(1);
  });
});

test('a host without an outcome of the request does not answer a retry for others', async () => {
  const host = await hostWith();
  await host.order({ attempt: 2, only: ['load-error', 'refused'] });
  expect(host.said()).toEqual([]);
  expect(host.loaded).toEqual([]);
  await host.order({ attempt: 3, only: ['unreachable'] });
  expect(host.said()).toEqual(['3 returned']);
});

test('the number of attempts is limited', async () => {
  const host = await hostWith();
  for (const attempt of [0, -1, 1.5, 1001])
    await host.order({ attempt, only: ['unreachable'] }).catch(() => 0);
  expect(host.said()).toEqual([]);
  expect(host.loaded).toEqual([]);
});

test('whatever orders come in whatever order, a request runs once at most, and each attempt has one result', async () => {
  const outcomes = fc.subarray([...OUTCOME_NAMES], { minLength: 1 });
  const order = fc.record({
    attempt: fc.integer({ min: 1, max: 4 }),
    only: fc.option(outcomes),
    run: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(order, { maxLength: 8 }), async orders => {
      let ran = 0;
      let runs = false;
      const host = await hostWith(async () => {
        if (!runs) return refusedByKernel();
        ran++;
        return RETURNED;
      });
      for (const { attempt, only, run } of orders) {
        runs = run;
        await host.order({ attempt, ...(only && { only: only as Outcome[] }) });
      }
      expect(ran).toBeLessThanOrEqual(1);
      const attempts = host.results().map(({ attempt }) => attempt);
      expect(attempts).toEqual([...new Set(attempts)].sort((one, other) => one - other));
      const last = host.results().findIndex(({ outcome }) => outcome === 'returned');
      if (last >= 0) expect(last).toBe(attempts.length - 1);
    }),
    { numRuns: 40 },
  );
});
