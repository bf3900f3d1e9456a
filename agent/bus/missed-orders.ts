import type { Logger } from 'pino';
import { backoffMs } from '../../shared/backoff/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import {
  abortEnvelopeCodec,
  orderEnvelopeCodec,
  ordersQueryCodec,
  ordersReplyCodec,
} from '../../shared/messages/index.ts';
import { digestText, sha256 } from '../../shared/tokens/index.ts';
import type { Bus } from './bus.ts';

/** What asking takes. */
export interface MissedOrdersOptions {
  readonly bus: Pick<Bus, 'request'>;
  readonly host: string;
  /** Takes each order that the controller names. */
  readonly take: (envelopeBytes: Uint8Array) => void;
  /** Takes each abort, before the orders; resolves when it is written down. */
  readonly receiveAbort: (envelopeBytes: Uint8Array) => Promise<void>;
  /** Resolves when the orders that were taken have been carried out, and their results were sent. */
  readonly carriedOut: () => Promise<void>;
  /** Called when a controller answers after others before it did not. */
  readonly controllerIsBack: () => void;
  /** Takes the checkpoint that a controller sends along. */
  readonly checkpoint: (token: string | undefined) => void;
  readonly log: Logger;
  readonly random: () => number;
  /** Up to how long after {@link MissedOrders.ask} the question is asked: a fleet reconnects at one moment. */
  readonly jitterMs: number;
}

const REPLY_TIMEOUT_MS = 5000;
const RETRY = { firstMs: 2000, mostMs: 300_000 };

/**
 * Asks the controller for open orders that were published while this host did not listen, until the answer is that there
 * are none: a controller that is down while we connect may have published before, one reply may not hold all, and an
 * order that could not be run yet (its time has not come, the disk is full) is open still. Where nothing new comes of
 * it the question is asked ever more rarely, and once there are none, no more: an idle host is silent.
 */
export class MissedOrders {
  readonly #options: MissedOrdersOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Counts questions, so that the answer to an older one does not end the newer. */
  #round = 0;
  /** Digests of the orders in the last reply, and how many replies in a row had no others. */
  #lastReply: ReadonlySet<string> = new Set();
  #repeats = 0;

  constructor(options: MissedOrdersOptions) {
    this.#options = options;
  }

  /** Asks soon; within `jitterMs` where it is given, for moments that hosts do not share. */
  ask(jitterMs = this.#options.jitterMs): void {
    this.#round++;
    this.#schedule(this.#options.random() * jitterMs, 1);
  }

  stop(): void {
    this.#round++;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number, failures: number): void {
    const round = this.#round;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#askNow(round, failures), delayMs);
  }

  async #askNow(round: number, failures: number): Promise<void> {
    const { bus, host, log, random } = this.#options;
    try {
      const reply = await bus.request('orders', ordersQueryCodec.encode({ host }), REPLY_TIMEOUT_MS);
      const { orders, aborts, checkpoint } = ordersReplyCodec.decode(reply);
      this.#options.checkpoint(checkpoint);
      for (const abort of aborts) await this.#options.receiveAbort(abortEnvelopeCodec.encode(abort));
      if (round !== this.#round) return;
      log.debug({ orders: orders.length }, 'the controller listed the open orders');
      if (failures > 1) this.#options.controllerIsBack();
      this.#takeAll(orders.map(orderEnvelopeCodec.encode));
    } catch (thrown) {
      if (round !== this.#round) return;
      const retryMs = backoffMs(failures, RETRY, random);
      const { code, message } = toFarcallError(thrown);
      log.debug({ code, reason: message, retryMs }, 'no controller listed the open orders');
      this.#schedule(retryMs, failures + 1);
    }
  }

  #takeAll(envelopes: readonly Uint8Array[]): void {
    const { take, carriedOut, random } = this.#options;
    const digests = envelopes.map(bytes => digestText(sha256(bytes)));
    const isNew = digests.some(digest => !this.#lastReply.has(digest));
    this.#lastReply = new Set(digests);
    this.#repeats = isNew ? 0 : this.#repeats + 1;
    for (const bytes of envelopes) take(bytes);
    if (envelopes.length === 0) return;
    const round = this.#round;
    void carriedOut().then(() => {
      if (round !== this.#round) return;
      if (this.#repeats === 0) this.ask();
      else this.#schedule(backoffMs(this.#repeats, RETRY, random), 1);
    });
  }
}
