import type { Clock } from '../../shared/clock/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import type { Bus } from '../bus/index.ts';
import type { OrderContext } from '../run-order/index.ts';

/** Questions that wait while one is answered; more are dropped, unread. */
const WAITING_LIMIT = 8;

/** What a desk answers, and how often. */
export interface QuestionDeskOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly context: Pick<OrderContext, 'counters' | 'log' | 'clock'>;
  readonly topic: 'plan' | 'types';
  /** Most answers that a host gives in so much time. */
  readonly rate: { readonly answers: number; readonly windowMs: number };
  /** The answer to the question in `bytes`; asks `mayAnswer` once it knows that the question is one. */
  readonly answer: (bytes: Uint8Array, mayAnswer: () => boolean) => Promise<Uint8Array>;
}

/** Takes questions in, and answers them one at a time. */
export interface QuestionDesk {
  /** Takes bytes in that came on the subject of such questions. */
  take(envelopeBytes: Uint8Array): void;
  /** Resolves when no question is answered or waits. */
  idle(): Promise<void>;
  /** Forgets the questions that wait. */
  stop(): void;
}

/**
 * Answers questions one at a time, beside whatever order is carried out.
 *
 * Threat: a controller in wrong hands keeps hosts busy with questions. They wait for each other and for nobody else, are
 * limited in number, and never stand in the queue of orders.
 */
export function questionDesk(options: QuestionDeskOptions): QuestionDesk {
  const { counters } = options.context;
  const { topic } = options;
  const waiting: Uint8Array[] = [];
  const mayAnswer = rateOf(options.context.clock, options.rate);
  let working: Promise<void> | undefined;
  let stopped = false;
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) await answerOne(next, options, mayAnswer);
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
    },
  };
}

async function answerOne(
  bytes: Uint8Array,
  { bus, context: { counters, log }, topic, answer }: QuestionDeskOptions,
  mayAnswer: () => boolean,
): Promise<void> {
  try {
    bus.publish(topic, await answer(bytes, mayAnswer));
    counters.count(`${topic}.answered`);
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    if (counters.countAndSample(`${topic}.ignored.${code}`))
      log.warn({ topic, code, reason: message, bytes: bytes.length }, 'a question is ignored');
  }
}

function rateOf(clock: Clock, { answers, windowMs }: QuestionDeskOptions['rate']): () => boolean {
  const times: number[] = [];
  return () => {
    const nowMs = clock.nowMs();
    while (times[0] !== undefined && Math.abs(nowMs - times[0]) >= windowMs) times.shift();
    if (times.length >= answers) return false;
    times.push(nowMs);
    return true;
  };
}
