import type { Clock } from '../../shared/clock/index.ts';
import { readTrustedCertificates } from '../../shared/tls/index.ts';
import type { Webhook } from './delivery.ts';
import type { EventKind } from './event-kinds.ts';
import { post } from './post.ts';
import { parseSecrets, signatureHeaders } from './sign-event.ts';

/** A receiver, as it is configured. */
export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly kinds?: readonly EventKind[] | undefined;
  readonly caFile?: string | undefined;
  /** The secrets that the secret file holds now. Throws FILE_UNREADABLE. */
  readonly readSecret: () => string;
}

/**
 * The webhook of a configuration. Throws where its secret or its certificates cannot be used: an error of the
 * start.
 */
export function webhookOf({ name, url, kinds, caFile, readSecret }: WebhookSettings, clock: Clock): Webhook {
  const secrets = () => parseSecrets(readSecret(), `the secret file of webhook ${name}`);
  const certificates = () =>
    caFile === undefined ? undefined : readTrustedCertificates(caFile).toString('utf8');
  secrets();
  certificates();
  return {
    ...{ name, kinds },
    send({ id, body }, signal) {
      const timestampS = Math.floor(clock.nowMs() / 1000);
      const headers = signatureHeaders({ id, timestampS, body }, secrets());
      return post({ url, ca: certificates(), headers, body, signal });
    },
  };
}
