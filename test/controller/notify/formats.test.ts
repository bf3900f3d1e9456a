import { afterEach, describe, expect, it } from 'vitest';
import {
  EVENT_KINDS,
  type EventKind,
  PAGER_KINDS,
  TOOL_FORMAT_NAMES,
} from '../../../controller/notify/index.ts';
import type { WebhookEvent } from '../../../controller/notify/make-event.ts';
import { webhookOf } from '../../../controller/notify/webhook-of.ts';
import { acceptedBy } from '../../kit/receivers/tool-formats.ts';
import { startReceiver, type WebhookReceiver } from '../../kit/receivers/webhook-receiver.ts';

const KEY = 'R0123456789abcdefghijklmnopqrstu';
const KEYED = ['pagerduty', 'opsgenie'];

function eventOf(type: EventKind, data: Record<string, unknown> = {}): WebhookEvent {
  const about = {
    request: 'fegqq76fybvr',
    digest: `sha256:${'1b'.repeat(32)}`,
    ...{ requester: 'alice', requestReason: '<@U1> & co', policy: 'standard', effect: 'call' },
    link: 'https://console.example/#/requests/fegqq76fybvr',
  };
  const text = `Request fegqq76fybvr of alice (call, ‹＠U1› & co): ${'so it is '.repeat(100)}`;
  const message = { type, timestamp: '2026-12-01T00:35:40.000Z', text, data: { ...about, ...data } };
  return { id: '4711-9f2c51aa03d1be77', kind: type, message };
}

describe('events in the format of a tool', () => {
  let receiver: WebhookReceiver | undefined;
  afterEach(() => receiver?.die());

  const receiverOf = async (format: (typeof TOOL_FORMAT_NAMES)[number]) => {
    const server = await startReceiver();
    receiver = server;
    const webhook = webhookOf(
      {
        ...{ name: 'chat', format, readUrl: () => new URL('/v2/alerts', server.url).href },
        readSecret: KEYED.includes(format) ? () => `${KEY}\n` : undefined,
      },
      { nowMs: () => 0 },
    );
    const send = (event: WebhookEvent) => webhook.send(event, new AbortController().signal);
    return { server, webhook, send };
  };

  it.each(TOOL_FORMAT_NAMES)('every event that %s can be sent is as that tool accepts it', async format => {
    const { server, webhook, send } = await receiverOf(format);
    const kinds = webhook.kinds ?? EVENT_KINDS;
    for (const kind of kinds) await send(eventOf(kind));
    await send({
      ...eventOf('checkpoint-conflict'),
      message: { ...eventOf('checkpoint-conflict').message, data: {} },
    });
    expect(server.taken).toHaveLength(kinds.length + 1);
    for (const { json, path } of server.taken) acceptedBy(format, path.split('?')[0]!).parse(json);
  });

  it.each(TOOL_FORMAT_NAMES)(
    'no event for %s has markup of the requester, or anything that approves',
    async format => {
      const { server, send } = await receiverOf(format);
      await send(eventOf('request-expired'));
      const { json, headers } = server.taken[0]!;
      const shown = JSON.stringify({
        ...json,
        payload: { ...json.payload, custom_details: {} },
        details: {},
      });
      expect(shown).not.toMatch(/<@U1>|"type":"button"|callback|Action\.(Submit|Execute)/);
      expect(shown).toContain('https://console.example/#/requests/fegqq76fybvr');
      expect(headers['webhook-signature']).toBeUndefined();
    },
  );

  it('an event for Slack has its ampersands escaped, and its digest for people to compare', async () => {
    const { server, send } = await receiverOf('slack');
    await send(eventOf('awaiting-promotion'));
    const [header, section, context] = server.taken[0]!.json.blocks;
    expect(header.text.text).toBe('🟠 Awaiting promotion');
    expect(section.text.text).toContain('‹＠U1› &amp; co');
    expect(context.elements[0].text).toContain(`*digest* \`sha256:${'1b'.repeat(32)}\``);
  });

  it('events of one request are in one thread of Google Chat', async () => {
    const { server, send } = await receiverOf('google-chat');
    await send(eventOf('request-created'));
    await send(eventOf('request-finished'));
    expect(server.taken.map(({ json }) => json.thread.threadKey)).toEqual(['fegqq76fybvr', 'fegqq76fybvr']);
    expect(server.taken[0]!.path).toContain('messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
  });

  it('PagerDuty gets one incident for a request, which is resolved when the rollout goes on', async () => {
    const { server, send } = await receiverOf('pagerduty');
    await send(eventOf('rollout-stopped'));
    await send(eventOf('rollout-resumed'));
    expect(server.taken.map(({ json }) => [json.event_action, json.dedup_key, json.routing_key])).toEqual([
      ['trigger', 'farcall-fegqq76fybvr', KEY],
      ['resolve', 'farcall-fegqq76fybvr', KEY],
    ]);
  });

  it('an emergency stays open at PagerDuty and Opsgenie until enough people have reviewed it', async () => {
    const pager = await receiverOf('pagerduty');
    for (const enough of [false, true]) await pager.send(eventOf('emergency-reviewed', { enough }));
    expect(pager.server.taken.map(({ json }) => json.event_action)).toEqual(['acknowledge', 'resolve']);
    await pager.server.die();
    const opsgenie = await receiverOf('opsgenie');
    for (const enough of [false, true]) await opsgenie.send(eventOf('emergency-reviewed', { enough }));
    expect(opsgenie.server.taken.map(({ path }) => path)).toEqual([
      '/v2/alerts/farcall-fegqq76fybvr/acknowledge?identifierType=alias',
      '/v2/alerts/farcall-fegqq76fybvr/close?identifierType=alias',
    ]);
    expect(opsgenie.server.taken[0]!.headers['authorization']).toBe(`GenieKey ${KEY}`);
  });

  it('a pager is sent nothing that wakes nobody', async () => {
    expect((await receiverOf('opsgenie')).webhook.kinds).toEqual(PAGER_KINDS);
  });

  it('a key that is none keeps a controller from starting, and is not shown', () => {
    const settings = { name: 'pager', format: 'pagerduty', readUrl: () => 'https://x.example/' } as const;
    const readSecret = () => 'two words';
    expect(() => webhookOf({ ...settings, readSecret }, { nowMs: () => 0 })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('two words') }),
    );
  });
});
