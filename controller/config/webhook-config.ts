import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { EVENT_KINDS, KEYED_TOOLS, PAGER_KINDS, PAGERS, TOOL_FORMAT_NAMES } from '../notify/index.ts';

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

/** The address that the file `origin` holds. Throws CONFIG_INVALID, and does not show what stands there. */
export function parseWebhookUrl(text: string, origin: string): string {
  const parsed = webhookUrl.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new FarcallError('CONFIG_INVALID', `${origin} holds no address: ${parsed.error.issues[0]!.message}`);
}

const webhookMembers = z.strictObject({
  /**
   * Its name in the log, in metrics and in the store. A webhook with a new name starts with new events.
   */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a-z, 0-9 and -, at most 63'),
  /** The address that events are posted to: https, or http on loopback. */
  url: webhookUrl.optional(),
  /** A file with the address instead, 0600: for chat tools, knowing the address is enough to post. */
  urlFile: path.optional(),
  /** The tool that receives, and in whose format events are sent; farcall's own events if absent. */
  format: z.enum(TOOL_FORMAT_NAMES).optional(),
  /**
   * A file, 0600, that is read again for each attempt. For farcall's own events: secrets, whsec_ and base64,
   * one a line. For pagerduty and opsgenie: the key of the integration.
   */
  secretFile: path.optional(),
  /** The kinds of event to send; all if absent. */
  kinds: z.array(z.enum(EVENT_KINDS)).min(1).optional(),
  /** Certificates to trust for it, instead of the system's. */
  caFile: path.optional(),
});

const NO_SECRET = 'the address is all that this tool takes; leave secretFile out';
const SECRET = 'secretFile is missing';

const webhookSchema = webhookMembers
  .refine(({ url, urlFile }) => (url === undefined) !== (urlFile === undefined), {
    message: 'write either url or urlFile',
    path: ['url'],
  })
  .superRefine(({ format, secretFile, kinds = [] }, context) => {
    const fail = (member: string, message: string): void =>
      context.addIssue({ code: 'custom', message, path: [member] });
    const needsSecret = format === undefined || KEYED_TOOLS.has(format);
    if (needsSecret !== (secretFile !== undefined)) fail('secretFile', needsSecret ? SECRET : NO_SECRET);
    const waking: readonly string[] = PAGER_KINDS;
    const other = format && PAGERS.has(format) && kinds.find(kind => !waking.includes(kind));
    if (other) fail('kinds', `${other} wakes nobody; a pager takes ${waking.join(', ')}`);
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
  const { secretFile, caFile, urlFile } = webhook;
  return {
    ...webhook,
    ...(secretFile !== undefined && { secretFile: absolute(secretFile) }),
    ...(caFile !== undefined && { caFile: absolute(caFile) }),
    ...(urlFile !== undefined && { urlFile: absolute(urlFile) }),
  };
}
