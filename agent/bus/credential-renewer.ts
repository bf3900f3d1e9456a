import type { Logger } from 'pino';
import { z } from 'zod';
import { backoffMs } from '../../shared/backoff/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { credentialQueryCodec, credentialReplyCodec } from '../../shared/messages/index.ts';
import type { Bus } from './bus.ts';

/** Where the credential for the broker is kept. */
export interface CredentialFile {
  read(): string;
  /** Replaces it atomically, or throws. */
  write(credential: string): void;
}

export interface CredentialRenewerOptions {
  readonly bus: Pick<Bus, 'request'>;
  readonly host: string;
  readonly file: CredentialFile;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Called after each renewal. */
  readonly renewed: () => void;
}

const REPLY_TIMEOUT_MS = 5000;
const RETRY = { firstMs: 5000, mostMs: 600_000 };

/** The longest delay of a timer in Node. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;

/** The claims of a NATS user JWT that the agent reads; `sub` is the public nkey. */
const claimsSchema = z.looseObject({
  sub: z.string(),
  name: z.string(),
  iat: z.number(),
  exp: z.number().optional(),
});

type Claims = z.infer<typeof claimsSchema>;

/**
 * Renews this host's credential for the broker once half of its life has passed, so that it never expires on
 * a host that is connected now and then. The broker asks for it when a connection is made, and ends the
 * connection when it expires; the next connection uses the new credential.
 */
export class CredentialRenewer {
  readonly #options: CredentialRenewerOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: CredentialRenewerOptions) {
    this.#options = options;
  }

  /**
   * To be called when there is a connection: renews the credential if that is due, and otherwise waits until
   * it is.
   */
  connected(): void {
    try {
      this.#wait(this.#dueInMs(), 1);
    } catch (error) {
      this.#options.log.error({ err: error }, 'the agent cannot read its credential for the broker');
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Milliseconds until half of the credential's life has passed; Infinity for one that does not expire. */
  #dueInMs(): number {
    const { file, clock } = this.#options;
    const { iat, exp } = claimsOf(file.read());
    if (exp === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, ((iat + exp) / 2) * 1000 - clock.nowMs());
  }

  #wait(delayMs: number, failures: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped || delayMs === Number.POSITIVE_INFINITY) return;
    const timerMs = Math.min(delayMs, TIMER_LIMIT_MS);
    this.#timer = setTimeout(() => {
      if (timerMs < delayMs) this.#wait(delayMs - timerMs, failures);
      else void this.#renew(failures);
    }, timerMs);
  }

  async #renew(failures: number): Promise<void> {
    const { bus, host, file, log, random } = this.#options;
    try {
      const query = credentialQueryCodec.encode({ host });
      const reply = credentialReplyCodec.decode(await bus.request('credential', query, REPLY_TIMEOUT_MS));
      const { exp = 0 } = checkNext(claimsOf(file.read()), claimsOf(reply.credential));
      file.write(reply.credential);
      log.info(
        { until: new Date(exp * 1000).toISOString() },
        'the agent renewed its credential for the broker',
      );
      this.#options.renewed();
      // If a controller hands out credentials that are half expired already, it is not asked without pause.
      this.#wait(Math.max(RETRY.firstMs, this.#dueInMs()), 1);
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      const retryMs = backoffMs(failures, RETRY, random);
      log.warn({ code, reason: message, retryMs }, 'the agent cannot renew its credential for the broker');
      this.#wait(retryMs, failures + 1);
    }
  }
}

/**
 * Threat: bytes that are not a credential of this host, or an older credential, replace one that works, and
 * lock the host out. The broker checks the signature; the agent checks only that the credential is this
 * host's and newer.
 */
function checkNext(now: Claims, next: Claims): Claims {
  if (next.sub !== now.sub || next.name !== now.name)
    throw new FarcallError('MESSAGE_INVALID', 'the new credential is for somebody else');
  if ((next.exp ?? Number.POSITIVE_INFINITY) < (now.exp ?? 0))
    throw new FarcallError('MESSAGE_INVALID', 'the new credential ends before the one in use');
  return next;
}

/** When `credential` ends, in milliseconds since the epoch; undefined if it does not, or cannot be read. */
export function credentialEndsAtMs(credential: string): number | undefined {
  try {
    const { exp } = claimsOf(credential);
    return exp === undefined ? undefined : exp * 1000;
  } catch {
    return undefined;
  }
}

function claimsOf(credential: string): Claims {
  const [, payload = ''] = credential.split('.');
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new FarcallError('MESSAGE_INVALID', 'the credential is not a NATS user JWT', { cause });
  }
}
