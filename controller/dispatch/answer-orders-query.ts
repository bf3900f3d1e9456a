import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  MESSAGE_LIMIT_BYTES,
  type OrderEnvelope,
  orderEnvelopeCodec,
  ordersQueryCodec,
  ordersReplyCodec,
} from '../../shared/messages/index.ts';
import type { HostMessage } from '../bus/index.ts';
import type { HostStore, OrderStore } from '../store/index.ts';

/** What {@link answerOrdersQuery} needs. */
export interface AnswerDeps {
  readonly orders: Pick<OrderStore, 'openFor'>;
  readonly hosts: Pick<HostStore, 'seen'>;
  readonly clock: Clock;
  /** The newest checkpoint of the audit log, for the host to keep. */
  readonly newestCheckpoint: () => string | undefined;
}

/** Most orders in one reply; a host that has answered those asks again. */
const REPLY_LIMIT_ORDERS = 256;

/** Room that a reply leaves for its own framing, and for a checkpoint, below the limit of a message. */
const FRAMING_BYTES = 16 * REPLY_LIMIT_ORDERS + 2048;

/**
 * The open orders of the host that asks: those on which it owes an answer and that it may still start, the oldest
 * first, as many as fit one message.
 */
export async function answerOrdersQuery(deps: AnswerDeps, { host, bytes }: HostMessage): Promise<Uint8Array> {
  const query = ordersQueryCodec.decode(bytes);
  if (query.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} asks for the orders of ${query.host}`);
  await deps.hosts.seen(host);
  const open = await deps.orders.openFor(host, deps.clock.nowMs(), REPLY_LIMIT_ORDERS);
  return ordersReplyCodec.encode({ orders: fitting(open), checkpoint: deps.newestCheckpoint() });
}

function fitting(envelopes: readonly Uint8Array[]): OrderEnvelope[] {
  const orders: OrderEnvelope[] = [];
  let sizeBytes = FRAMING_BYTES;
  for (const envelope of envelopes) {
    sizeBytes += envelope.length;
    if (sizeBytes > MESSAGE_LIMIT_BYTES) break;
    orders.push(orderEnvelopeCodec.decode(envelope));
  }
  return orders;
}
