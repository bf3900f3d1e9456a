import { z } from 'zod';
import { EVENT_KINDS } from '../notify/index.ts';

const path = z.string().min(1);

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])$/;

const WEBHOOKS_LIMIT = 32;

/**
 * Where events are posted to.
 *
 * Threat: plain text on the network shows who asks for what, and lets anyone who is on the way swallow a
 * warning. A user or password in the address would end up wherever the address is shown.
 */
const webhookUrl = z
  .url({ protocol: /^https?$/, error: 'write https://host/path, or http:// on loopback' })
  .refine(
    url => url.startsWith('https:') || LOOPBACK.test(new URL(url).hostname),
    'plain http:// is for loopback only; write https://',
  )
  .refine(url => !new URL(url).username && !new URL(url).password, 'the address may not carry a user');

const webhookSchema = z.strictObject({
  /**
   * Its name in the log, in metrics and in the store. A webhook with a new name starts with new events.
   */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a-z, 0-9 and -, at most 63'),
  /** The address that events are posted to: https, or http on loopback. */
  url: webhookUrl,
  /** A file of secrets, 0600: whsec_ and base64, one a line. It is read again for each attempt. */
  secretFile: path,
  /** The kinds of event to send; all if absent. */
  kinds: z.array(z.enum(EVENT_KINDS)).min(1).optional(),
  /** Certificates to trust for it, instead of the system's. */
  caFile: path.optional(),
});

/** The member `webhooks` of a configuration: who is told what happens to requests. */
export const webhooksSchema = z
  .array(webhookSchema)
  .max(WEBHOOKS_LIMIT)
  .refine(
    webhooks => new Set(webhooks.map(({ name }) => name)).size === webhooks.length,
    'two webhooks have the same name',
  )
  .default([]);

/** One webhook, as it is configured. */
export type WebhookConfig = z.infer<typeof webhookSchema>;

/** `webhook` with the paths in it made absolute. */
export function withAbsoluteWebhook(
  webhook: WebhookConfig,
  absolute: (path: string) => string,
): WebhookConfig {
  const { secretFile, caFile } = webhook;
  return {
    ...webhook,
    secretFile: absolute(secretFile),
    ...(caFile !== undefined && { caFile: absolute(caFile) }),
  };
}
