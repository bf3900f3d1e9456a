import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ABORTS_PER_PERSON, JOURNAL_FILE, REMEMBER_MS } from '../../../agent/journal/index.ts';
import { receiveAbort, runOrder } from '../../../agent/run-order/index.ts';
import { authenticateAbort } from '../../../agent/verify/index.ts';
import { abortEnvelopeCodec, callRequestCodec } from '../../../shared/messages/index.ts';
import { digestText } from '../../../shared/tokens/index.ts';
import { entryOf, type Member } from '../../kit/cast.ts';
import { type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { openJournal, outcomeRecord } from '../support/journal-kit.ts';
import { orderContext } from '../support/order-context.ts';
import { RETURNED, selectableFacts } from '../support/stand-in-stages.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);
const ABORTED = [{ outcome: 'aborted', error: { code: 'ABORTED' } }];

describe('an aborted request is not started', () => {
  test.each<Member>(['alice', 'bob', 'bob2', 'carol', 'ctl-1'])('aborted by %s', async by => {
    const { agent, results, loaded } = orderContext(kit, NOW_MS);
    const { envelope, requestBytes } = await kit.order();
    await receiveAbort(await kit.abort(by, requestBytes), agent);
    await runOrder(envelope, agent);
    expect(results()).toMatchObject(ABORTED);
    expect(loaded).toEqual([]);
  });

  test('no other attempt of an aborted request is started', async () => {
    const { agent, results, loaded } = orderContext(kit, NOW_MS);
    const { envelope, request, requestBytes } = await kit.order();
    await receiveAbort(await kit.abort('bob', requestBytes), agent);
    await runOrder(envelope, agent);
    await runOrder((await kit.order({ request, attempt: 2, only: ['aborted'] })).envelope, agent);
    expect(results()).toMatchObject([...ABORTED, ...ABORTED]);
    expect(loaded).toEqual([]);
  });

  test('an aborted request is not started after the next start of the agent either', async () => {
    const stateDirectory = temporaryDirectory();
    const { envelope, requestBytes } = await kit.order();
    const before = orderContext(kit, NOW_MS, { stateDirectory });
    await receiveAbort(await kit.abort('bob', requestBytes), before.agent);
    before.journal.close();
    const after = orderContext(kit, NOW_MS, { stateDirectory });
    await runOrder(envelope, after.agent);
    expect(after.results()).toMatchObject(ABORTED);
  });

  test('an abort that arrives while the program compiles stops it', async () => {
    const { envelope, requestBytes } = await kit.order();
    const context = orderContext(kit, NOW_MS);
    const { compile } = context.agent.stages;
    const trust = {
      bundle: kit.bundle,
      host: 'web-01',
      labels: { env: 'test' },
      facts: selectableFacts,
      statements: { confirmedAtMs: 0 },
      nowMs: NOW_MS,
    };
    const authentic = await authenticateAbort(await kit.abort('bob', requestBytes), trust);
    context.agent.stages.compile = (program, name, options) => {
      context.journal.abort(authentic);
      return compile(program, name, options);
    };
    await runOrder(envelope, context.agent);
    expect(context.results()).toMatchObject(ABORTED);
    expect(context.loaded).toEqual([]);
  });

  test('requests other than the aborted one are started', async () => {
    const { agent, results } = orderContext(kit, NOW_MS);
    await receiveAbort(await kit.abort('bob', (await kit.order()).requestBytes), agent);
    await runOrder((await kit.order()).envelope, agent);
    expect(results()).toMatchObject([{ outcome: 'returned' }]);
  });
});

test('a call that runs is not ended by an abort, and its result arrives', async () => {
  const { envelope, requestBytes } = await kit.order();
  const abort = await kit.abort('carol', requestBytes);
  const load = async () => {
    await receiveAbort(abort, context.agent);
    return RETURNED;
  };
  const context = orderContext(kit, NOW_MS, { stages: { load } });
  await runOrder(envelope, context.agent);
  expect(context.results()).toMatchObject([{ outcome: 'returned' }]);
  await runOrder(envelope, context.agent);
  expect(context.results()).toMatchObject([{ outcome: 'returned' }]);
});

describe('a host that receives an abort says', () => {
  /** What the host says to the controllers, in order: only once the abort is on its disk. */
  const heard = (context: ReturnType<typeof orderContext>): string[] => {
    const said: string[] = [];
    context.agent.sayAborted = digest => {
      const isKept = readFileSync(join(context.stateDirectory, JOURNAL_FILE)).includes('"kind":"abort"');
      said.push(`${isKept ? 'kept' : 'lost'} ${context.journal.progressOf(digest)}`);
    };
    return said;
  };

  test('a host says that it had not begun, each time that it receives the abort', async () => {
    const context = orderContext(kit, NOW_MS);
    const said = heard(context);
    const abort = await kit.abort('bob', (await kit.order()).requestBytes);
    await receiveAbort(abort, context.agent);
    await receiveAbort(abort, context.agent);
    expect(said).toEqual(['kept not-begun', 'kept not-begun']);
  });

  test('a host says that the call runs, and later that it has ended', async () => {
    const { envelope, requestBytes } = await kit.order();
    const abort = await kit.abort('carol', requestBytes);
    const load = async () => {
      await receiveAbort(abort, context.agent);
      return RETURNED;
    };
    const context = orderContext(kit, NOW_MS, { stages: { load } });
    const said = heard(context);
    await runOrder(envelope, context.agent);
    await receiveAbort(abort, context.agent);
    expect(said).toEqual(['kept running', 'kept ended']);
  });

  test('a host says nothing about an abort that is not by somebody who may abort', async () => {
    const context = orderContext(kit, NOW_MS);
    const said = heard(context);
    await receiveAbort(await kit.abort('mallory', (await kit.order()).requestBytes), context.agent);
    expect(said).toEqual([]);
  });

  test('a host says nothing about an abort that its disk does not take', async () => {
    const context = orderContext(kit, NOW_MS);
    const said = heard(context);
    context.journal.close();
    await receiveAbort(await kit.abort('bob', (await kit.order()).requestBytes), context.agent);
    expect(said).toEqual([]);
  });
});

describe('after other labels were taken, by which the request no longer selects this host', () => {
  const give = (context: ReturnType<typeof orderContext>, env: string, number = 1) =>
    context.agent.identity.heldLabels.keep({ number, labels: { env }, by: ['bob', 'carol'] });

  test('an abort stops an order that waits already, and the host says so', async () => {
    const { envelope, requestBytes } = await kit.order();
    const abort = await kit.abort('bob', requestBytes);
    const context = orderContext(kit, NOW_MS);
    const said: string[] = [];
    context.agent.sayAborted = digest => said.push(context.journal.progressOf(digest));
    context.agent.admitted = async () => {
      give(context, 'prod');
      await receiveAbort(abort, context.agent);
      return undefined;
    };
    await runOrder(envelope, context.agent);
    expect(context.results()).toMatchObject(ABORTED);
    expect(context.loaded).toEqual([]);
    expect(said).toEqual(['not-begun']);
  });

  test('an abort stops an order that comes once the host has its earlier labels again', async () => {
    const { envelope, requestBytes } = await kit.order();
    const stateDirectory = temporaryDirectory();
    const before = orderContext(kit, NOW_MS, { stateDirectory });
    give(before, 'prod');
    before.journal.close();
    // The agent has started again since.
    const context = orderContext(kit, NOW_MS, { stateDirectory });
    await receiveAbort(await kit.abort('bob', requestBytes), context.agent);
    give(context, 'test', 2);
    await runOrder(envelope, context.agent);
    expect(context.results()).toMatchObject(ABORTED);
  });

  test('an abort stops a further attempt of what the journal knows, whatever the labels were', async () => {
    const { envelope, requestBytes } = await kit.order();
    const context = orderContext(kit, NOW_MS);
    await runOrder(envelope, context.agent);
    // More changes than earlier labels are kept.
    for (let number = 1; number <= 20; number += 1) give(context, `other${number}`, number);
    const said: string[] = [];
    context.agent.sayAborted = digest => said.push(context.journal.progressOf(digest));
    await receiveAbort(await kit.abort('bob', requestBytes), context.agent);
    expect(said).toEqual(['ended']);
  });

  test('an abort of a request that selected this host by no labels of its is ignored as before', async () => {
    const context = orderContext(kit, NOW_MS);
    give(context, 'prod');
    const { requestBytes } = await kit.order({ request: { selector: 'env=lab' } });
    await receiveAbort(await kit.abort('bob', requestBytes), context.agent);
    expect(context.agent.counters.all()).toMatchObject({ 'abort.ignored.NOT_SELECTED': 1 });
  });
});

describe('an abort is ignored', () => {
  const rows: [what: string, by: Member, claims: object, request: NonNullable<OrderChanges['request']>][] = [
    ['by a stranger', 'mallory', {}, {}],
    ["by a stranger in an approver's name", 'mallory', { iss: 'bob' }, {}],
    ["by one approver in another's name", 'carol', { iss: 'bob' }, {}],
    ['of other bytes', 'bob', { req: 'A'.repeat(43) }, {}],
    ['that ends before the request', 'bob', { exp: NOW_MS / 1000 + 60 }, {}],
    ['that is expired', 'bob', { iat: NOW_MS / 1000 - 7200, exp: NOW_MS / 1000 - 3600 }, {}],
    ['from the future', 'bob', { iat: NOW_MS / 1000 + 600 }, {}],
    ['of a request for other hosts', 'bob', {}, { selector: 'env=prod' }],
    ['of a request that is over', 'bob', {}, { expiresAtMs: NOW_MS }],
  ];
  test.each(rows)('an abort is ignored if it is %s', async (_what, by, claims, request) => {
    const { agent, stateDirectory } = orderContext(kit, NOW_MS);
    const { requestBytes } = await kit.order({ request });
    const before = statSync(join(stateDirectory, JOURNAL_FILE)).size;
    await receiveAbort(await kit.abort(by, requestBytes, claims), agent);
    expect(statSync(join(stateDirectory, JOURNAL_FILE)).size).toBe(before);
    expect(agent.counters.all()['abort.taken']).toBeUndefined();
  });

  test('an abort is ignored if it is by a requester of another request', async () => {
    const { agent, results } = orderContext(kit, NOW_MS);
    const { envelope, requestBytes, request } = await kit.order({ request: { requester: 'mallory' } });
    const requesters = [...kit.bundle.requesters, entryOf('mallory')];
    const asRequester = { ...kit.bundle, requesters, approvers: kit.bundle.approvers.slice(1) };
    const trust = {
      now: () => ({ bundle: asRequester, bundleIsOver: false, statements: { confirmedAtMs: 0 } }),
    };
    await receiveAbort(await kit.abort('alice', requestBytes), { ...agent, trust });
    expect(request.requester).toBe('mallory');
    await runOrder(envelope, { ...agent, trust });
    expect(results()).toMatchObject([{ outcome: 'returned' }]);
  });

  test.each([['approval'], ['order'], ['rubbish']])(
    'an abort is ignored if it is another kind of token: %s',
    async kind => {
      const { agent } = orderContext(kit, NOW_MS);
      const { requestBytes } = await kit.order();
      const abort = kind === 'approval' ? await kit.approval('bob', requestBytes) : `${kind}.a.b`;
      await receiveAbort(abortEnvelopeCodec.encode({ request: requestBytes, abort }), agent);
      await receiveAbort(Buffer.from('stray'), agent);
      expect(agent.counters.all()['abort.taken']).toBeUndefined();
    },
  );
});

test('one person cannot fill the journal with aborts, nor use up the capacity of others', async () => {
  const { agent, journal } = orderContext(kit, NOW_MS);
  const { request } = await kit.order();
  const bytes = (index: number) => callRequestCodec.encode({ ...request, id: `many${index}` });
  for (let index = 0; index <= ABORTS_PER_PERSON; index++)
    await receiveAbort(await kit.abort('carol', bytes(index)), agent);
  expect(agent.counters.all()['abort.taken']).toBe(ABORTS_PER_PERSON);
  await receiveAbort(await kit.abort('carol', bytes(0)), agent);
  await receiveAbort(await kit.abort('bob', bytes(5000)), agent);
  expect(agent.counters.all()).toMatchObject({ 'abort.repeated': 1, 'abort.taken': ABORTS_PER_PERSON + 1 });
  journal.close();
});

describe('compaction of the journal', () => {
  async function compacted(nowMs: number) {
    const directory = temporaryDirectory();
    const journal = openJournal(directory, 10_000);
    const made = await kit.order();
    const trust = {
      bundle: kit.bundle,
      host: 'web-01',
      labels: { env: 'test' },
      facts: selectableFacts,
      statements: { confirmedAtMs: 0 },
      nowMs: NOW_MS,
    };
    journal.abort(await authenticateAbort(await kit.abort('bob', made.requestBytes), trust));
    const filler = { requestDigest: new Uint8Array(32), attempt: 1 };
    const record = outcomeRecord(filler, 'returned', { expiresAtMs: nowMs, length: 50_000 });
    journal.record(record);
    journal.commit(digestText(record.resultDigest), nowMs);
    journal.close();
    expect(statSync(join(directory, JOURNAL_FILE)).size).toBeLessThan(5000);
    const next = openJournal(directory);
    return () => next.refuseIfAborted({ requestDigest: made.requestDigest, attempt: 1 });
  }

  test('compaction of the journal keeps an abort as long as its request could be ordered', async () => {
    expect(await compacted(NOW_MS + REMEMBER_MS)).toThrow(expect.objectContaining({ code: 'ABORTED' }));
  });

  test('compaction of the journal forgets an abort long after that', async () => {
    expect(await compacted(NOW_MS + REMEMBER_MS + 7_200_000)).not.toThrow();
  });
});
