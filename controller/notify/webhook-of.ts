import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { readTrustedCertificates } from '../../shared/tls/index.ts';
import type { Webhook } from './delivery.ts';
import { PAGER_KINDS, PAGERS, TOOL_FORMATS, type ToolFormat } from './formats/index.ts';
import type { EventKind } from './kinds/index.ts';
import type { WebhookEvent } from './make-event.ts';
import { post } from './post.ts';
import { parseSecrets, signatureHeaders } from './sign-event.ts';

/** A receiver, as it is configured. */
export interface WebhookSettings {
  readonly name: string;
  /** The address. Throws FILE_UNREADABLE where it stands in a file that cannot be read. */
  readonly readUrl: () => string;
  /** The tool that receives; absent for programs that take farcall's own events. */
  readonly format?: ToolFormat | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
  readonly caFile?: string | undefined;
  /** What the secret file holds now; absent where there is none. Throws FILE_UNREADABLE. */
  readonly readSecret?: (() => string) | undefined;
}

/** An event, ready to be posted. */
interface Letter {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const KEY = /^[\x21-\x7e]{8,256}$/;

/**
 * The webhook of a configuration. Throws where its secret or its certificates cannot be used: an error of the
 * start.
 */
export function webhookOf(settings: WebhookSettings, clock: Clock): Webhook {
  const { name, kinds, caFile, format } = settings;
  const letterOf = format === undefined ? signedLetter(settings, clock) : toolLetter(settings, format);
  const certificates = () =>
    caFile === undefined ? undefined : readTrustedCertificates(caFile).toString('utf8');
  certificates();
  return {
    name,
    kinds: kinds ?? (format && PAGERS.has(format) ? PAGER_KINDS : undefined),
    send: (event, signal) => post({ ...letterOf(event), ca: certificates(), signal }),
  };
}

/** farcall's own JSON, signed as Standard Webhooks has it. */
function signedLetter({ name, readUrl, readSecret }: WebhookSettings, clock: Clock) {
  const secrets = () => parseSecrets(readSecret?.() ?? '', `the secret file of webhook ${name}`);
  secrets();
  readUrl();
  return ({ id, message }: WebhookEvent): Letter => {
    const timestampS = Math.floor(clock.nowMs() / 1000);
    const body = JSON.stringify(message);
    return { url: readUrl(), headers: signatureHeaders({ id, timestampS, body }, secrets()), body };
  };
}

/** What a tool takes, with the key that it knows the sender by. */
function toolLetter({ name, readUrl, readSecret }: WebhookSettings, format: ToolFormat) {
  const key = () => {
    const read = readSecret?.().trim() ?? '';
    if (readSecret === undefined || KEY.test(read)) return read;
    throw new FarcallError(
      'CONFIG_INVALID',
      `the secret file of webhook ${name} must hold one key of 8 to 256 characters, without blanks`,
    );
  };
  key();
  readUrl();
  return ({ id, message }: WebhookEvent): Letter => {
    const url = readUrl();
    const posting = TOOL_FORMATS[format]({ id, message, url, key: key() });
    return { url: posting.url ?? url, headers: posting.headers ?? {}, body: JSON.stringify(posting.body) };
  };
}
