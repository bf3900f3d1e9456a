import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { backoffMs } from '../../shared/backoff/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { HOST_BUDGETS, pacer, type Rate } from '../../shared/limits/index.ts';
import { resultCommittedCodec } from '../../shared/messages/index.ts';
import { digestText, type Keyring, verifyToken } from '../../shared/tokens/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { Journal, PendingResult } from '../journal/index.ts';
import type { Bus } from './bus.ts';
import { freshEnvelope } from './fresh-envelope.ts';

export interface ResultSenderOptions {
  readonly bus: Pick<Bus, 'request'>;
  readonly journal: Journal;
  readonly identity: HostIdentity;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** The keys of the controllers that this host obeys now. Throws TRUST_INVALID if its bundle has expired. */
  readonly controllers: () => Keyring;
  /** Called when the controller rejected a result: it may not know this host because the hello was lost. */
  readonly rejected: () => void;
  /** Receives the checkpoint that a controller attached to its reply. */
  readonly checkpoint: (token: string | undefined) => void;
}

const REPLY_TIMEOUT_MS = 5000;
/** If no controller answers. */
const UNANSWERED = { firstMs: 1000, mostMs: 60_000 };
/** If the controller rejects the result: usually an operator has to repair that, which takes time. */
const UNWANTED = { firstMs: 10_000, mostMs: 3_600_000 };

interface Retry {
  readonly failures: number;
  /** On the monotonic clock. */
  readonly dueMs: number;
}

/**
 * Sends the results in the journal, one at a time and the oldest first, each until the controller says that
 * it has committed it. The journal alone decides what is pending, also after a restart.
 */
export class ResultSender {
  readonly #options: ResultSenderOptions;
  readonly #retries = new Map<string, Retry>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  /** So that this host keeps to its budget at the controllers, which drop what is over it. */
  readonly #paceMessages: () => number;
  readonly #paceBytes: (bytes: number) => number;
  readonly #stopping = new AbortController();
  #again = false;
  #stopped = false;

  constructor(options: ResultSenderOptions) {
    this.#options = options;
    const { messages, bytes } = HOST_BUDGETS.result;
    this.#paceMessages = pacer(options.clock, slower(messages));
    this.#paceBytes = pacer(options.clock, slower(bytes));
  }

  /** Sends what is due. To be called when there is a new result. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      this.#sleep();
    });
  }

  /** Sends everything that is pending, without waiting for retries. To be called after a connection. */
  retryAll(): void {
    this.#retries.clear();
    this.wake();
  }

  /** Stops sending; what is pending stays in the journal. Resolves when nothing is being sent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#sending;
  }

  /** Resolves when everything that could be sent now has been. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      for (const result of this.#options.journal.pending()) {
        if (this.#stopped) return;
        if (this.#waitMs(result) === 0) await this.#send(result);
      }
    }
  }

  async #send(result: PendingResult): Promise<void> {
    const { resultDigest } = result;
    try {
      await this.#deliver(result);
      this.#retries.delete(resultDigest);
    } catch (thrown) {
      const error = toFarcallError(thrown);
      const unwanted = error.code === 'CONFLICT';
      const failures = (this.#retries.get(resultDigest)?.failures ?? 0) + 1;
      const retryMs = backoffMs(failures, unwanted ? UNWANTED : UNANSWERED, this.#options.random);
      this.#retries.set(resultDigest, { failures, dueMs: performance.now() + retryMs });
      const details = { ...aboutResult(result), retryMs, reason: error.message };
      if (unwanted) {
        this.#options.log.error(details, 'the controller rejected a result');
        this.#options.rejected();
      } else this.#options.log.info(details, 'no controller has committed a result yet');
    }
  }

  /** Throws CONFLICT if the controller replies that it rejects the result. */
  async #deliver(result: PendingResult): Promise<void> {
    const { resultDigest } = result;
    const { bus, journal, identity, clock, log } = this.#options;
    const stored = journal.readResult(resultDigest);
    if (!stored) return;
    const waitMs = Math.max(this.#paceMessages(), this.#paceBytes(stored.length));
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#stopping.signal });
    const envelope = await freshEnvelope(stored, identity, clock.nowMs());
    const answer = resultCommittedCodec.decode(await bus.request('result', envelope, REPLY_TIMEOUT_MS));
    if (digestText(answer.resultDigest) !== resultDigest)
      throw new FarcallError('MESSAGE_INVALID', 'the reply is about another result');
    this.#options.checkpoint(answer.checkpoint);
    if (!answer.committed) throw new FarcallError('CONFLICT', answer.reason || 'no reason given');
    await this.#checkCommitted(answer.token, resultDigest);
    log.debug(aboutResult(result), 'the controller has committed a result');
    journal.commit(resultDigest, clock.nowMs());
  }

  /**
   * Threat: a hostile broker, or anybody who can write into this host's inbox, answers in a controller's
   * place, and the host drops what it should have reported. So the host believes only a controller's
   * signature (farcall-committed+jwt) over this result. A result's digest covers the host, the request and
   * the attempt, so a signature for another host does not fit. Without a signature the result stays here and
   * is sent again.
   */
  async #checkCommitted(token: string, resultDigest: string): Promise<void> {
    const { controllers, identity, clock } = this.#options;
    const { claims } = await verifyToken('committed', token, {
      site: identity.site,
      keyring: controllers(),
      nowMs: clock.nowMs(),
    });
    if (!claims.results.includes(resultDigest))
      throw new FarcallError('TOKEN_CLAIMS', 'the controller signed for other results, not for this one');
  }

  #waitMs({ resultDigest }: PendingResult): number {
    return Math.max(0, (this.#retries.get(resultDigest)?.dueMs ?? 0) - performance.now());
  }

  /** Sets the timer for the result that is due next. If nothing is pending, there is no timer. */
  #sleep(): void {
    clearTimeout(this.#timer);
    const waits = this.#options.journal.pending().map(result => this.#waitMs(result));
    if (waits.length === 0 || this.#stopped) return;
    this.#timer = setTimeout(() => this.wake(), Math.max(10, Math.min(...waits)));
  }
}

/**
 * A rate that stays below a controller's limit, also if some messages come late and then together, and if
 * this agent was just restarted.
 */
function slower({ burst, perSecond }: Rate): Rate {
  return { burst: burst / 2, perSecond: perSecond / 2 };
}

function aboutResult({ requestId, attempt, resultDigest, outcome }: PendingResult): object {
  return { request: requestId, attempt, result: resultDigest, outcome };
}
