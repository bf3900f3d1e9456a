import { describe, expect, it } from 'vitest';
import { makeEvent } from '../../../controller/notify/make-event.ts';
import { controllerParts, DRAFT, introduce, requestBy } from '../../kit/controller-kit.ts';

/** Events of everything in the log of a new request. */
async function eventsOf(draft: Partial<typeof DRAFT>, consoleOrigin?: string) {
  const parts = controllerParts();
  await introduce(parts);
  const id = await requestBy(parts, 'alice', { ...DRAFT, ...draft });
  const rows = await parts.audit.page({ requestId: id, afterSeq: 0, limit: 100 });
  const events = await Promise.all(rows.map(row => makeEvent({ ...parts, consoleOrigin }, row)));
  await parts.store.close();
  return { id, events: events.filter(event => event !== undefined).map(({ message }) => message) };
}

describe('an event', () => {
  it('an event says who, what, why, how many and where, and nothing of the program', async () => {
    const { id, events } = await eventsOf({}, 'https://console.example');
    expect(events).toEqual([
      {
        type: 'request-created',
        timestamp: new Date(1_790_000_000_000).toISOString(),
        text: `Request ${id} of alice (call, say hello): made by alice for 2 hosts`,
        data: {
          ...{ seq: expect.any(Number), actor: 'alice', request: id, requester: 'alice' },
          digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
          ...{ requestReason: 'say hello', policy: 'standard', effect: 'call', hosts: 2, waves: 1 },
          link: `https://console.example/#/requests/${id}`,
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('_printk');
  });

  it('an event contains no mention and no link of a requester', async () => {
    const reason =
      '<!channel> @here [safe](https://evil.example) <https://evil.example|safe>\n\u202Eline two';
    const { events } = await eventsOf({ reason });
    const { text, data } = events[0]!;
    expect(text).not.toMatch(/[<>@[\]\n\u202E]/);
    expect(text).toContain('line two');
    expect(data).toMatchObject({ requestReason: reason });
  });
});
