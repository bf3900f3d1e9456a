import { beforeEach, describe, expect, it } from 'vitest';
import { Delivery, EVENT_LIFE_MS } from '../../../controller/notify/delivery.ts';
import type { EventKind } from '../../../controller/notify/index.ts';
import { makeEvent, type WebhookEvent } from '../../../controller/notify/make-event.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { DRAFT, dispatched, introduce } from '../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../kit/engines.ts';
import { findingsAt, storyFindingsAt } from '../auditor/support/audited-store.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

describe.each(ENGINES)('a webhook, on $name', engine => {
  const stores = engine.use();
  let parts: Awaited<ReturnType<typeof newParts>>;
  let taken: WebhookEvent[];
  let tries: number;
  let isDown: boolean;

  beforeEach(async () => {
    parts = await newParts(stores);
    [taken, tries, isDown] = [[], 0, false];
  });

  const webhook = (kinds?: readonly EventKind[]) => ({
    ...{ name: 'chat', kinds },
    async send(event: WebhookEvent) {
      tries += 1;
      if (isDown) throw new FarcallError('UNREACHABLE', 'the answer was 503');
      taken.push(event);
    },
  });
  const delivery = (kinds?: readonly EventKind[]): Delivery =>
    new Delivery(webhook(kinds), {
      ...parts,
      ...{
        random: () => 0.999_999_999,
        makeEvent: row => makeEvent({ ...parts, consoleOrigin: undefined }, row),
      },
    });
  const lease = async () => {
    const { epoch } = (await parts.leases.acquire({
      name: 'webhooks',
      holder: 'ctl 1',
      ttlMs: 100 * HOUR_MS,
    }))!;
    return { name: 'webhooks', epoch };
  };
  const turn = async () => ({
    ...{ lease: await lease(), upToSeq: (await parts.audit.head()).seq },
    signal: new AbortController().signal,
  });
  const kinds = () => taken.map(({ kind }) => kind);
  const STORY = ['request-created', 'approval-added', 'approval-added', 'request-approved', 'wave-started'];

  /** A webhook that knows where the log ended, and a request after that. */
  async function story(): Promise<void> {
    await introduce(parts);
    await parts.logCursors.cursorOf('chat', 'end');
    await dispatched(parts);
  }

  it('a webhook is told what happens from when it was configured, in order, each once', async () => {
    await introduce(parts);
    await dispatched(parts);
    const chat = delivery();
    await chat.run(await turn());
    expect(taken).toEqual([]);
    await dispatched(parts, { ...DRAFT, reason: 'again' });
    await chat.run(await turn());
    await chat.run(await turn());
    expect(kinds()).toEqual(STORY);
    expect(new Set(taken.map(({ id }) => id)).size).toBe(STORY.length);
  });

  it('a webhook continues where it was, whichever controller sends next', async () => {
    await story();
    const before = delivery();
    await before.run(await turn());
    await delivery().run(await turn());
    expect(kinds()).toEqual(STORY);
    expect(await parts.logCursors.cursorOf('chat', 'end')).toBeGreaterThan(0);
  });

  it('a webhook gets only the kinds of events that it wants', async () => {
    await story();
    await delivery(['wave-started', 'awaiting-promotion']).run(await turn());
    expect(kinds()).toEqual(['wave-started']);
  });

  it('a webhook that fails is tried after 1, 2, 4 … seconds and at most an hour, and then has everything in order', async () => {
    await story();
    isDown = true;
    const chat = delivery();
    const pausesS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600];
    await chat.run(await turn());
    for (const [index, pauseS] of pausesS.entries()) {
      parts.clock.advance(pauseS * SECOND_MS - 1);
      await chat.run(await turn());
      expect(tries).toBe(index + 1);
      parts.clock.advance(1);
      isDown = index < pausesS.length - 1;
      await chat.run(await turn());
    }
    expect(kinds()).toEqual(STORY);
  });

  it('a webhook says since when the next event has been waiting, and forgets that when it was taken', async () => {
    await story();
    isDown = true;
    const chat = delivery();
    await chat.run(await turn());
    parts.clock.advance(10 * SECOND_MS);
    expect(chat.waitingMs()).toBe(10 * SECOND_MS);
    isDown = false;
    await chat.run(await turn());
    expect(chat.waitingMs()).toBe(0);
    expect(chat.counts()).toEqual({ sent: STORY.length, failed: 1, dropped: 0 });
    expect(kinds()).toEqual(STORY);
  });

  it('a webhook is not told any more what it did not take for three days', async () => {
    await story();
    isDown = true;
    const chat = delivery();
    await chat.run(await turn());
    parts.clock.advance(EVENT_LIFE_MS + 1);
    isDown = false;
    await chat.run(await turn());
    expect(taken).toEqual([]);
    expect(chat.counts()).toEqual({ sent: 0, failed: 1, dropped: STORY.length });
  });

  it('a webhook whose place in the log was moved ahead of it is found by the audit', async () => {
    await story();
    await delivery().run(await turn());
    expect(await storyFindingsAt(parts.location)).toEqual([]);
    await stores.sql(parts.location, 'update log_cursors set seq = 100000');
    expect(await findingsAt(parts.location)).toContainEqual(
      'content log_cursors chat: the log has no entry 100000',
    );
  });

  it('a webhook moves nothing after its controller has lost the lease', async () => {
    await story();
    const mine = await turn();
    const before = await parts.logCursors.cursorOf('chat', 'end');
    await parts.leases.release(mine.lease);
    await parts.leases.acquire({ name: 'webhooks', holder: 'ctl 2', ttlMs: HOUR_MS });
    await expect(delivery().run(mine)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(taken).toHaveLength(1);
    expect(await parts.logCursors.cursorOf('chat', 'end')).toBe(before);
  });
});
