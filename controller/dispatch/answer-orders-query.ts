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
import { enrolledHost } from '../gather/index.ts';
import type { HostKeyStore, HostStore, OrderStore } from '../store/index.ts';

/** What {@link answerOrdersQuery} needs. */
export interface AnswerDeps {
  readonly orders: Pick<OrderStore, 'openFor'>;
  readonly hosts: Pick<HostStore, 'seen'>;
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly clock: Clock;
}

/** Most orders in one reply; a host that has answered those asks again. */
const REPLY_LIMIT_ORDERS = 256;

/** Room that a reply leaves for its own framing below the limit of a message. */
const FRAMING_BYTES = 16 * REPLY_LIMIT_ORDERS;

/**
 * The open orders of the host that asks: those on which it owes an answer and that it may still start, the oldest
 * first, as many as fit one message. Throws TOKEN_KEY_UNKNOWN where it is no host (any more).
 */
export async function answerOrdersQuery(deps: AnswerDeps, { host, bytes }: HostMessage): Promise<Uint8Array> {
  const query = ordersQueryCodec.decode(bytes);
  if (query.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} asks for the orders of ${query.host}`);
  await enrolledHost(deps.hostKeys, host);
  await deps.hosts.seen(host);
  const open = await deps.orders.openFor(host, deps.clock.nowMs(), REPLY_LIMIT_ORDERS);
  return ordersReplyCodec.encode({ orders: fitting(open) });
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
