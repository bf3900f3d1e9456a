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
  /** Has this host come up to the newest trust bundle; returns when that is done, or could not be. */
  readonly catchUp: () => Promise<void>;
}

/** What a host says to a question that comes before the trust bundle by which it would know who asks. */
const BEHIND: readonly string[] = ['TRUST_MISSING', 'TRUST_EXPIRED', 'TOKEN_KEY_UNKNOWN'];

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
  options: QuestionDeskOptions,
  mayAnswer: () => boolean,
): Promise<void> {
  const { bus, context, topic } = options;
  const { counters, log } = context;
  try {
    bus.publish(topic, await answerByNewestTrust(bytes, options, mayAnswer));
    counters.count(`${topic}.answered`);
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    if (counters.countAndSample(`${topic}.ignored.${code}`))
      log.warn({ topic, code, reason: message, bytes: bytes.length }, 'a question is ignored');
  }
}

/** A host that has just come is asked as soon as it has said hello, which may be before it has its trust bundle. */
async function answerByNewestTrust(
  bytes: Uint8Array,
  { answer, catchUp }: QuestionDeskOptions,
  mayAnswer: () => boolean,
): Promise<Uint8Array> {
  try {
    return await answer(bytes, mayAnswer);
  } catch (thrown) {
    if (!BEHIND.includes(toFarcallError(thrown).code)) throw thrown;
    await catchUp();
    return await answer(bytes, mayAnswer);
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
