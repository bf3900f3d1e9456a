import { describe, expect, test } from 'vitest';
import { recoverInterrupted, runOrder } from '../../../agent/run-order/index.ts';
import type { LoadReport } from '../../../agent/stages/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { digestText } from '../../../shared/tokens/index.ts';
import { type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { orderContext } from '../support/order-context.ts';
import { RETURNED } from '../support/stand-in-stages.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);

test('an order ends in a signed result that names it', async () => {
  const { agent, results, loaded } = orderContext(kit, NOW_MS);
  const { envelope, requestDigest } = await kit.order();
  await runOrder(envelope, agent);
  const [result] = results();
  expect(result).toMatchObject({
    host: 'web-01',
    outcome: 'returned',
    attempt: 1,
    kernelRelease: '6.1.0-test',
    finishedAtMs: NOW_MS,
    moduleDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    timings: { spawnUs: 10, loadUs: 20 },
  });
  expect(digestText(result!.requestDigest)).toBe(digestText(requestDigest));
  expect(loaded).toHaveLength(1);
});

test('a result says what the kernel was like around the call, and of which boot', async () => {
  const taints = [1, 12_289];
  const health = () => ({ bootId: 'boot-1', taint: taints.shift()! });
  const { agent, results } = orderContext(kit, NOW_MS, { stages: { health } });
  await runOrder((await kit.order()).envelope, agent);
  await runOrder((await kit.order({ request: { program: 'syntax error' } })).envelope, agent);
  expect(results().map(result => result.health)).toEqual([
    { bootId: 'boot-1', taintBefore: 1, taintAfter: 12_289 },
    undefined,
  ]);
});

test('a result is sent even if the health of the kernel cannot be read', async () => {
  const health = () => {
    throw new FarcallError('PERMISSION', '/proc is closed');
  };
  const { agent, results } = orderContext(kit, NOW_MS, { stages: { health } });
  await runOrder((await kit.order()).envelope, agent);
  expect(results()).toMatchObject([{ outcome: 'returned' }]);
});

test('the intent is on the disk before anything is loaded', async () => {
  let interrupted = 0;
  const load = async (): Promise<LoadReport> => {
    interrupted = context.journal.interrupted().length;
    return RETURNED;
  };
  const context = orderContext(kit, NOW_MS, { stages: { load } });
  await runOrder((await kit.order()).envelope, context.agent);
  expect(interrupted).toBe(1);
});

test('a program is compiled with the fuel that its request says, or with none that is said', async () => {
  const fuels: (number | undefined)[] = [];
  const compile = (_program: string, _name: string, { fuel }: { readonly fuel?: number | undefined }) => {
    fuels.push(fuel);
    return {};
  };
  const { agent, results } = orderContext(kit, NOW_MS, { stages: { compile } });
  for (const request of [{ fuel: 5 }, {}, { fuel: 10_000_001 }])
    await runOrder((await kit.order({ request })).envelope, agent);
  expect(fuels).toEqual([5, undefined]);
  expect(results().map(({ error }) => error?.message)).toEqual([
    undefined,
    undefined,
    expect.stringContaining('mostFuel'),
  ]);
});

describe('an order that does not run', () => {
  const rows: [outcome: string, code: string, changes: OrderChanges][] = [
    ['refused', 'APPROVALS_INSUFFICIENT', { approvers: ['bob'] }],
    ['refused', 'REQUEST_EXPIRED', { request: { expiresAtMs: NOW_MS } }],
    ['refused', 'TRUST_INVALID', { request: { policy: 'emergency' } }],
    ['refused', 'POLICY_REFUSED', { request: { timeoutMs: 60_000 } }],
    ['refused', 'POLICY_REFUSED', { request: { effect: 'read' } }],
    ['compile-error', 'PROGRAM_SYNTAX', { request: { program: 'syntax error' } }],
    ['not-applicable', 'SYMBOL_UNKNOWN', { request: { program: 'unknown name' } }],
  ];
  test.each(rows)(
    'an order that does not run ends as %s with the error %s',
    async (outcome, code, changes) => {
      const { agent, results, loaded, journal } = orderContext(kit, NOW_MS);
      await runOrder((await kit.order(changes)).envelope, agent);
      expect(results()).toMatchObject([{ outcome, error: { code } }]);
      expect(loaded).toEqual([]);
      expect(journal.interrupted()).toEqual([]);
    },
  );

  test('an order that does not run ends as compile-error with the source location', async () => {
    const { agent, results } = orderContext(kit, NOW_MS);
    await runOrder((await kit.order({ request: { program: 'syntax error' } })).envelope, agent);
    expect(results()[0]?.error).toMatchObject({ line: 1, column: 2 });
  });

  test('an order that does not run ends as refused with REQUEST_EXPIRED if its time runs out while it is compiled', async () => {
    const compile = () => {
      context.clock.now += 3_600_000;
      return {};
    };
    const context = orderContext(kit, NOW_MS, { stages: { compile } });
    await runOrder((await kit.order()).envelope, context.agent);
    expect(context.results()).toMatchObject([{ outcome: 'refused', error: { code: 'REQUEST_EXPIRED' } }]);
    expect(context.loaded).toEqual([]);
  });
});

describe('an order gets no result', () => {
  const rows: [what: string, changes: OrderChanges][] = [
    ['whose key is not pinned', { orderBy: 'mallory' }],
    ['who replays an expired order', { iatMs: NOW_MS - 7_200_000 }],
    ['who means other hosts', { request: { selector: 'env=prod' } }],
    ['who means another slice', { slice: { from: 0, to: 0 } }],
  ];
  test.each(rows)('an order gets no result if it comes from somebody %s', async (_, changes) => {
    const { agent, results, loaded } = orderContext(kit, NOW_MS);
    await runOrder((await kit.order(changes)).envelope, agent);
    expect(results()).toEqual([]);
    expect(loaded).toEqual([]);
  });

  test('an order gets no result if it is rubbish, which is counted', async () => {
    const { agent, results } = orderContext(kit, NOW_MS);
    await runOrder(Buffer.from('rubbish'), agent);
    expect(results()).toEqual([]);
    expect(agent.counters.all()).toEqual({ 'order.ignored.MESSAGE_INVALID': 1 });
  });

  test('an order gets no result if too many orders had no approvals, while approved ones still end in results', async () => {
    const { agent, results } = orderContext(kit, NOW_MS, { unapprovedLimit: 2 });
    for (let i = 0; i < 4; i++) await runOrder((await kit.order({ approvers: [] })).envelope, agent);
    await runOrder((await kit.order({ request: { timeoutMs: 60_000 } })).envelope, agent);
    await runOrder((await kit.order()).envelope, agent);
    expect(results().map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
      'APPROVALS_INSUFFICIENT',
      'APPROVALS_INSUFFICIENT',
      'POLICY_REFUSED',
      'returned',
    ]);
  });
});

describe('a request runs at most once', () => {
  test('if the same order comes again, its result is sent again, and nothing runs', async () => {
    const { agent, results, loaded, journal } = orderContext(kit, NOW_MS);
    const { envelope } = await kit.order();
    await runOrder(envelope, agent);
    const [pending] = journal.pending();
    journal.commit(pending!.resultDigest, NOW_MS);
    expect(results()).toEqual([]);
    await runOrder(envelope, agent);
    expect(results()).toHaveLength(1);
    expect(loaded).toHaveLength(1);
  });

  test('if a new order token comes for the same attempt, nothing runs', async () => {
    const { agent, loaded } = orderContext(kit, NOW_MS);
    const { envelope, request } = await kit.order();
    await runOrder(envelope, agent);
    await runOrder((await kit.order({ request, jti: 'another-order' })).envelope, agent);
    expect(loaded).toHaveLength(1);
  });

  test('if a call was interrupted, its outcome is unknown after the next start, and it does not run again', async () => {
    const never = new Promise<never>(() => undefined);
    const before = orderContext(kit, NOW_MS, { stages: { load: () => never } });
    const { envelope, request } = await kit.order();
    void runOrder(envelope, before.agent);
    await expect.poll(() => before.journal.interrupted().length).toBe(1);
    before.journal.close();

    const { agent, results, loaded } = orderContext(kit, NOW_MS, { stateDirectory: before.stateDirectory });
    await recoverInterrupted(agent);
    await runOrder(envelope, agent);
    await runOrder((await kit.order({ request, attempt: 2, only: OUTCOME_NAMES })).envelope, agent);
    expect(results()).toMatchObject([{ attempt: 1, outcome: 'unknown', error: { code: 'OUTCOME_UNKNOWN' } }]);
    expect(results()[0]?.health).toBeUndefined();
    expect(loaded).toEqual([]);
  });
});

describe('a load that throws', () => {
  test.each([
    ['load-error', new FarcallError('MODULE_REFUSED', 'ENOEXEC')],
    ['faulted', new FarcallError('CALL_FAULTED', 'bad address')],
    ['unknown', new FarcallError('LOADER_FAILED', 'the loader died')],
    ['unknown', new TypeError('a mistake')],
  ])('a load that throws ends as %s for %s', async (outcome, error) => {
    const load = () => Promise.reject(error);
    const { agent, results } = orderContext(kit, NOW_MS, { stages: { load } });
    await runOrder((await kit.order()).envelope, agent);
    expect(results()).toMatchObject([{ outcome, error: { message: error.message } }]);
  });
});

test('a timed-out call has a second result when it comes back', async () => {
  let comeBack: (report: LoadReport) => void = () => undefined;
  const late = new Promise<LoadReport>(resolve => {
    comeBack = resolve;
  });
  const load = async (): Promise<LoadReport> => ({ ...RETURNED, outcome: 'timed-out', late });
  const { agent, results } = orderContext(kit, NOW_MS, { stages: { load } });
  await runOrder((await kit.order()).envelope, agent);
  expect(results().map(({ outcome }) => outcome)).toEqual(['timed-out']);
  comeBack(RETURNED);
  await expect.poll(() => results().map(({ outcome }) => outcome)).toEqual(['timed-out', 'returned']);
});

describe('when the journal fails', () => {
  test('nothing runs, and no result is sent', async () => {
    const { agent, results, loaded, journal } = orderContext(kit, NOW_MS);
    journal.close();
    await runOrder((await kit.order()).envelope, agent);
    await runOrder((await kit.order({ approvers: [] })).envelope, agent);
    expect(results()).toEqual([]);
    expect(loaded).toEqual([]);
  });

  test('after a call was begun, its result is sent from memory', async () => {
    const load = async (): Promise<LoadReport> => {
      context.journal.close();
      return RETURNED;
    };
    const context = orderContext(kit, NOW_MS, { stages: { load } });
    await runOrder((await kit.order()).envelope, context.agent);
    expect(context.results()).toMatchObject([{ outcome: 'returned' }]);
  });
});
