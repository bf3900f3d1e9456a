import { toFarcallError } from '../../shared/errors/index.ts';
import { slidingWindow } from '../../shared/limits/index.ts';
import type { Bus } from '../bus/index.ts';
import { answerQuery, type QueryContext, type QueryHandler } from './answer-query.ts';

/** Queries that wait while one is answered; more are dropped, unread. */
const WAITING_LIMIT = 8;

/** How a queue receives and replies. */
export interface QueryQueueOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly context: QueryContext;
  /** Fetches the newest trust bundle; resolves when this host has it, or could not get it. */
  readonly catchUp: () => Promise<void>;
}

/** The errors of a query that came before the trust bundle that names its controller. */
const BEHIND: readonly string[] = ['TRUST_MISSING', 'TRUST_EXPIRED', 'TOKEN_KEY_UNKNOWN'];

/** Receives queries of one kind, and answers one at a time. */
export interface QueryQueue {
  /** Receives the bytes of an envelope; from anybody who may publish there. */
  take(envelopeBytes: Uint8Array): void;
  /** Resolves when no query waits or is being answered. */
  idle(): Promise<void>;
  /** Forgets the queries that wait. */
  stop(): void;
}

/**
 * Answers queries one at a time, beside the order that runs.
 *
 * Threat: a controller whose key was stolen keeps hosts busy with queries. Queries wait for each other only,
 * they are limited in number, and they never enter the queue of orders.
 */
export function queryQueue<Query>(
  handler: QueryHandler<Query>,
  { bus, context, catchUp }: QueryQueueOptions,
): QueryQueue {
  const { counters, clock, log } = context;
  const { topic } = handler;
  const waiting: Uint8Array[] = [];
  const mayReply = slidingWindow(clock, handler.rate);
  let working: Promise<void> | undefined;
  let stopped = false;
  const answer = (bytes: Uint8Array) => answerQuery(bytes, handler, { context, mayReply });
  async function answerOne(bytes: Uint8Array): Promise<void> {
    try {
      bus.publish(topic, await withNewestTrust(() => answer(bytes), catchUp));
      counters.count(`${topic}.answered`);
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      if (counters.countAndSample(`${topic}.ignored.${code}`))
        log.warn({ topic, code, reason: message, bytes: bytes.length }, 'the agent ignores a query');
    }
  }
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) await answerOne(next);
    working = undefined;
  }
  return {
    take(envelopeBytes) {
      if (stopped) return;
      if (waiting.length >= WAITING_LIMIT) {
        counters.count(`${topic}.turned-away`);
        return;
      }
      waiting.push(envelopeBytes);
      working ??= work();
    },
    idle: async () => working,
    stop() {
      stopped = true;
      waiting.length = 0;
      handler.clear?.();
    },
  };
}

/** A controller may query a new host as soon as its hello arrives, before the host has its trust bundle. */
async function withNewestTrust<T>(answer: () => Promise<T>, catchUp: () => Promise<void>): Promise<T> {
  try {
    return await answer();
  } catch (thrown) {
    if (!BEHIND.includes(toFarcallError(thrown).code)) throw thrown;
    await catchUp();
    return await answer();
  }
}
