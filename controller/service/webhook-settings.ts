import { readSecretText } from '../../shared/files/index.ts';
import { type ControllerConfig, parseWebhookUrl } from '../config/index.ts';
import type { WebhookSettings } from '../notify/index.ts';

/** A configured webhook, with its files to be read for each attempt. */
export function webhookSettings(webhook: ControllerConfig['webhooks'][number]): WebhookSettings {
  const { secretFile, url, urlFile, ...rest } = webhook;
  const what = `webhook ${webhook.name}`;
  return {
    ...rest,
    readUrl: () => url ?? parseWebhookUrl(readSecretText(urlFile!, `the address of ${what}`), urlFile!),
    readSecret: secretFile === undefined ? undefined : () => readSecretText(secretFile),
  };
}
