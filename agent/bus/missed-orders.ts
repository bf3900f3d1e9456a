import type { Logger } from 'pino';
import { toFarcallError } from '../../shared/errors/index.ts';
import { orderEnvelopeCodec, ordersQueryCodec, ordersReplyCodec } from '../../shared/messages/index.ts';
import { backoffMs } from './backoff.ts';
import type { Bus } from './bus.ts';

/** What asking takes. */
export interface MissedOrdersOptions {
  readonly bus: Pick<Bus, 'request'>;
  readonly host: string;
  /** Takes each order that the controller names. */
  readonly take: (envelopeBytes: Uint8Array) => void;
  readonly log: Logger;
  readonly random: () => number;
  /** Up to how long after {@link MissedOrders.ask} the question is asked: a fleet reconnects at one moment. */
  readonly jitterMs: number;
}

const REPLY_TIMEOUT_MS = 5000;
const RETRY = { firstMs: 2000, mostMs: 300_000 };

/**
 * Asks the controller for open orders that were published while this host did not listen, and again until there is an
 * answer: a controller that is down while we connect may have published before it went down. Asks nothing by itself.
 */
export class MissedOrders {
  readonly #options: MissedOrdersOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Counts questions, so that the answer to an older one does not end the newer. */
  #round = 0;

  constructor(options: MissedOrdersOptions) {
    this.#options = options;
  }

  /** Asks soon. */
  ask(): void {
    this.#round++;
    this.#schedule(this.#options.random() * this.#options.jitterMs, 1);
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
    const { bus, host, take, log, random } = this.#options;
    try {
      const reply = await bus.request('orders', ordersQueryCodec.encode({ host }), REPLY_TIMEOUT_MS);
      const { orders } = ordersReplyCodec.decode(reply);
      if (round !== this.#round) return;
      log.debug({ orders: orders.length }, 'the controller names the open orders');
      for (const order of orders) take(orderEnvelopeCodec.encode(order));
    } catch (thrown) {
      if (round !== this.#round) return;
      const retryMs = backoffMs(failures, RETRY, random);
      const { code, message } = toFarcallError(thrown);
      log.debug({ code, reason: message, retryMs }, 'no answer about open orders');
      this.#schedule(retryMs, failures + 1);
    }
  }
}
