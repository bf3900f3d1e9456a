import { toFarcallError } from '../../shared/errors/index.ts';
import { signedPlanReplyCodec } from '../../shared/messages/index.ts';
import type { Bus } from '../bus/index.ts';
import { answerPlan, type PlanContext } from './answer-plan.ts';

/** Queries that wait while one is answered; more are dropped, unread. */
const WAITING_LIMIT = 8;

/** Most plans that a host makes in {@link WINDOW_MS}. */
const PLANS_LIMIT = 30;
const WINDOW_MS = 60_000;

/** What a desk works with. */
export interface PlanDeskOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly context: PlanContext;
}

/**
 * Answers queries for plans, one at a time, beside whatever order is carried out: a call runs in a process of its own, and a
 * plan gives way every few milliseconds.
 *
 * Threat: a controller in wrong hands keeps hosts busy with plans. They wait for each other and for nobody else, are
 * limited in number, and never stand in the queue of orders.
 */
export class PlanDesk {
  readonly #options: PlanDeskOptions;
  readonly #waiting: Uint8Array[] = [];
  readonly #answeredAtMs: number[] = [];
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(options: PlanDeskOptions) {
    this.#options = options;
  }

  /** Takes bytes in that came on the subject of plans. */
  take(envelopeBytes: Uint8Array): void {
    if (this.#stopped) return;
    if (this.#waiting.length >= WAITING_LIMIT) {
      this.#options.context.counters.count('plan.turned-away');
      return;
    }
    this.#waiting.push(envelopeBytes);
    this.#working ??= this.#work();
  }

  /** Resolves when no query is answered or waits. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Forgets the queries that wait. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#answer(next);
    this.#working = undefined;
  }

  async #answer(envelopeBytes: Uint8Array): Promise<void> {
    const { bus, context } = this.#options;
    const { counters, log } = context;
    try {
      const signed = await answerPlan(envelopeBytes, context, () => this.#mayAnswer());
      bus.publish('plan', signedPlanReplyCodec.encode(signed));
      counters.count('plan.answered');
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      if (counters.countAndSample(`plan.ignored.${code}`))
        log.warn({ code, reason: message, bytes: envelopeBytes.length }, 'a query for a plan is ignored');
    }
  }

  #mayAnswer(): boolean {
    const nowMs = this.#options.context.clock.nowMs();
    const times = this.#answeredAtMs;
    while (times[0] !== undefined && Math.abs(nowMs - times[0]) >= WINDOW_MS) times.shift();
    if (times.length >= PLANS_LIMIT) return false;
    times.push(nowMs);
    return true;
  }
}
