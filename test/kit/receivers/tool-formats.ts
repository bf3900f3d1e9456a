import { z } from 'zod';

// What chat tools and pagers accept, as their makers publish it. A stand-in answers 400 to anything else.

const httpsUrl = z.url({ protocol: /^https$/ });

const slackText = (limit: number, type: 'plain_text' | 'mrkdwn') =>
  z.strictObject({
    type: z.literal(type),
    text: z.string().min(1).max(limit),
    ...(type === 'plain_text' && { emoji: z.boolean().optional() }),
  });

/** Slack: docs.slack.dev, "Sending messages using incoming webhooks" and "Blocks". */
const slack = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('header'), text: slackText(150, 'plain_text') }),
        z.strictObject({ type: z.literal('section'), text: slackText(3000, 'mrkdwn') }),
        z.strictObject({
          type: z.literal('context'),
          elements: z.array(slackText(3000, 'mrkdwn')).min(1).max(10),
        }),
      ]),
    )
    .min(1)
    .max(50),
  unfurl_links: z.boolean(),
  unfurl_media: z.boolean(),
});

/** Mattermost: docs.mattermost.com, "Incoming webhooks" and "Message attachments". */
const mattermost = z.strictObject({
  username: z.string(),
  attachments: z.array(
    z.strictObject({
      fallback: z.string().min(1),
      color: z.string().regex(/^#[0-9a-f]{6}$/),
      title: z.string(),
      title_link: httpsUrl.optional(),
      text: z.string().max(16_383),
      fields: z.array(z.strictObject({ title: z.string(), value: z.string(), short: z.boolean() })),
    }),
  ),
});

/** Teams: learn.microsoft.com, workflows that take webhook requests; adaptivecards.io, version 1.4. */
const teams = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: z.strictObject({
        $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
        type: z.literal('AdaptiveCard'),
        version: z.literal('1.4'),
        body: z.array(
          z.discriminatedUnion('type', [
            z.strictObject({
              type: z.literal('TextBlock'),
              text: z.string().min(1),
              wrap: z.boolean(),
              weight: z.enum(['Default', 'Lighter', 'Bolder']).optional(),
              size: z.enum(['Default', 'Small', 'Medium', 'Large', 'ExtraLarge']).optional(),
              color: z.enum(['Default', 'Attention', 'Warning', 'Good']).optional(),
            }),
            z.strictObject({
              type: z.literal('FactSet'),
              facts: z.array(z.strictObject({ title: z.string(), value: z.string() })).min(1),
            }),
          ]),
        ),
        actions: z
          .array(
            z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: httpsUrl }),
          )
          .optional(),
      }),
    }),
  ]),
});

const button = z.strictObject({
  text: z.string().min(1),
  onClick: z.strictObject({ openLink: z.strictObject({ url: httpsUrl }) }),
});

/** Google Chat: developers.google.com/workspace/chat, "Card v2" and threads of webhooks. */
const googleChat = z.strictObject({
  cardsV2: z.tuple([
    z.strictObject({
      cardId: z.string().min(1),
      card: z.strictObject({
        header: z.strictObject({ title: z.string().min(1), subtitle: z.string() }),
        sections: z.array(
          z.strictObject({
            widgets: z
              .array(
                z.union([
                  z.strictObject({ textParagraph: z.strictObject({ text: z.string() }) }),
                  z.strictObject({
                    decoratedText: z.strictObject({
                      ...{ topLabel: z.string(), text: z.string().min(1), wrapText: z.boolean() },
                    }),
                  }),
                  z.strictObject({ buttonList: z.strictObject({ buttons: z.array(button).min(1) }) }),
                ]),
              )
              .min(1)
              .max(100),
          }),
        ),
      }),
    }),
  ]),
  thread: z.strictObject({ threadKey: z.string().min(1).max(4000) }).optional(),
});

/** PagerDuty: developer.pagerduty.com, "Send an alert event" of the Events API v2. */
const pagerduty = z.strictObject({
  routing_key: z.string().length(32),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().min(1).max(255),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'warning', 'error', 'info']),
    timestamp: z.iso.datetime(),
    component: z.string().optional(),
    class: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()),
  }),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })).optional(),
});

/** Opsgenie: docs.opsgenie.com, "Alert API": create, close and acknowledge. */
const opsgenieAlert = z.strictObject({
  message: z.string().min(1).max(130),
  alias: z.string().max(512),
  description: z.string().max(15_000),
  tags: z.array(z.string().max(50)).max(20),
  details: z.record(z.string(), z.string()),
  source: z.string().max(100),
  priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']),
});
const opsgenieAction = z.strictObject({ note: z.string().max(25_000), source: z.string().max(100) });

/** The schema of what a tool accepts at `path`, by the name of its format. */
export function acceptedBy(format: string, path: string): z.ZodType {
  if (format !== 'opsgenie')
    return { slack, mattermost, teams, 'google-chat': googleChat, pagerduty }[format]!;
  return /\/alerts$/.test(path) ? opsgenieAlert : opsgenieAction;
}
