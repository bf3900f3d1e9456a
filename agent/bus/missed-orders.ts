import type { Logger } from 'pino';
import { backoffMs } from '../../shared/backoff/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import {
  abortEnvelopeCodec,
  type LabelsStatement,
  orderEnvelopeCodec,
  ordersQueryCodec,
  ordersReplyCodec,
} from '../../shared/messages/index.ts';
import { digestText, sha256 } from '../../shared/tokens/index.ts';
import type { Bus } from './bus.ts';
import type { Incarnation } from './incarnation.ts';

export interface MissedOrdersOptions {
  readonly bus: Pick<Bus, 'request'>;
  readonly host: string;
  /** Says how far the journal has come, and takes the controller's reply to that. */
  readonly incarnation: Pick<Incarnation, 'statement' | 'take'>;
  /** Receives each open order. */
  readonly take: (envelopeBytes: Uint8Array) => void;
  /** Receives each abort, before the orders; resolves when the journal has it. */
  readonly receiveAbort: (envelopeBytes: Uint8Array) => Promise<void>;
  /** Resolves when the orders that were received have run and their results were sent. */
  readonly carriedOut: () => Promise<void>;
  /** Called when a controller answers after a query that none answered. */
  readonly controllerIsBack: () => void;
  /** Receives the checkpoint that a controller attached to its reply. */
  readonly checkpoint: (token: string | undefined) => void;
  /** Receives the statement about the newest trust bundle that a controller attached to its reply. */
  readonly hear: (freshness: string | undefined) => Promise<void>;
  /** The change of labels that this host took last, and what receives the newer ones, before the orders. */
  readonly labels: {
    readonly number: () => number;
    take(statements: readonly LabelsStatement[]): Promise<void>;
  };
  readonly log: Logger;
  readonly random: () => number;
  /** Up to how long after {@link MissedOrders.ask} the query is sent: a fleet reconnects at one moment. */
  readonly jitterMs: number;
}

const REPLY_TIMEOUT_MS = 5000;
const RETRY = { firstMs: 2000, mostMs: 300_000 };
/** A third of the time for which a controller admits a host. */
const RENEW_MS = 300_000;
/** If the controller holds this host: a person has to decide. */
const HELD_MS = 30_000;

/**
 * Asks the controller for open orders that were published while this host was not subscribed, until there are
 * none. The reasons to ask more than once: a controller that is down when this host connects may have
 * published before; one reply may not hold all orders; and an order that could not run yet (it is not valid
 * yet, the disk is full) is still open. If a reply has no new orders, the next query comes later and later.
 * Once there are no open orders, the next query only renews the admission of this host (see `Incarnation`).
 */
export class MissedOrders {
  readonly #options: MissedOrdersOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Counts queries, so that the reply to an older one does not end a newer one. */
  #round = 0;
  /** Digests of the orders in the last reply, and how many replies in a row had no others. */
  #lastReply: ReadonlySet<string> = new Set();
  #repeats = 0;

  constructor(options: MissedOrdersOptions) {
    this.#options = options;
  }

  /** Asks within `jitterMs`; give a smaller one at a moment that hosts do not share. */
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
    const { bus, host, incarnation, log, random } = this.#options;
    try {
      const labelsNumber = this.#options.labels.number();
      const query = { host, labelsNumber, ...(await incarnation.statement()) };
      const reply = await bus.request('orders', ordersQueryCodec.encode(query), REPLY_TIMEOUT_MS);
      const { orders, aborts, labels, ...others } = ordersReplyCodec.decode(reply);
      const { checkpoint, freshness, admission, held } = others;
      this.#options.checkpoint(checkpoint);
      await this.#options.hear(freshness);
      for (const abort of aborts) await this.#options.receiveAbort(abortEnvelopeCodec.encode(abort));
      await this.#options.labels.take(labels);
      if (round !== this.#round) return;
      log.debug({ orders: orders.length }, 'the controller listed the open orders');
      if (failures > 1) this.#options.controllerIsBack();
      await incarnation.take({ admission, held });
      if (admission === undefined) return this.#schedule(HELD_MS * (0.5 + random() / 2), 1);
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
    if (envelopes.length === 0) return this.#schedule(RENEW_MS * (0.5 + random() / 2), 1);
    const round = this.#round;
    void carriedOut().then(() => {
      if (round !== this.#round) return;
      if (this.#repeats === 0) this.ask();
      else this.#schedule(backoffMs(this.#repeats, RETRY, random), 1);
    });
  }
}
