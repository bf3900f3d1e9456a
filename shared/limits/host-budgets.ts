import type { HostTopic } from '../subjects/index.ts';
import type { Rate } from './token-bucket.ts';

/** What one host may send of one kind of message. */
export interface HostBudget {
  readonly messages: Rate;
  readonly bytes: Rate;
  /** The largest message. */
  readonly messageBytes: number;
}

const KIB = 1 << 10;
const MIB = 1 << 20;
const TOKEN_BYTES = 8 * KIB + 64;

function budget(messageBytes: number, messages: Rate, bytes?: Rate): HostBudget {
  const ofAll = { burst: messages.burst * messageBytes, perSecond: messages.perSecond * messageBytes };
  return { messages, messageBytes, bytes: bytes ?? ofAll };
}

/**
 * What one host may send to one controller, by kind of message; a message over a budget is dropped, and its
 * host sends it again. Each budget is several times what an agent sends at its busiest: after an outage, when
 * it has hundreds of results to deliver, or when a controller asks it for plans and types.
 *
 * Threat: one host keeps a controller from all others by what it sends: by many messages, by large ones, or
 * by signatures that have to be verified before anything else is known.
 */
export const HOST_BUDGETS: Readonly<Record<HostTopic, HostBudget>> = {
  hello: budget(72 * KIB, { burst: 10, perSecond: 0.1 }),
  heartbeat: budget(16 * KIB, { burst: 6, perSecond: 0.2 }),
  result: budget(
    704 * KIB + TOKEN_BYTES,
    { burst: 128, perSecond: 20 },
    { burst: 4 * MIB, perSecond: 512 * KIB },
  ),
  abort: budget(KIB + TOKEN_BYTES, { burst: 256, perSecond: 2 }),
  orders: budget(2 * KIB + TOKEN_BYTES, { burst: 20, perSecond: 0.5 }),
  trust: budget(256, { burst: 20, perSecond: 0.5 }),
  credential: budget(256, { burst: 5, perSecond: 1 / 60 }),
  plan: budget(48 * KIB + TOKEN_BYTES, { burst: 30, perSecond: 0.5 }),
  types: budget(288 * KIB, { burst: 128, perSecond: 2 }, { burst: 32 * MIB, perSecond: MIB }),
  sign: budget(528 * KIB, { burst: 20, perSecond: 0.5 }, { burst: 8 * MIB, perSecond: 256 * KIB }),
};

/** The largest message that any host sends; the broker refuses a larger one. */
export const HOST_PAYLOAD_BYTES = Math.max(...Object.values(HOST_BUDGETS).map(each => each.messageBytes));
