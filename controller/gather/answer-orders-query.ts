import { FarcallError } from '../../shared/errors/index.ts';
import {
  abortEnvelopeCodec,
  LABELS_IN_REPLY,
  MESSAGE_LIMIT_BYTES,
  orderEnvelopeCodec,
  ordersQueryCodec,
  ordersReplyCodec,
} from '../../shared/messages/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { enrolledHost } from '../host-statements/index.ts';
import { admitLateJoiner, type JoinerDeps } from '../requests/index.ts';
import type { AbortStore, HostLabelsStore, HostStore, OrderStore } from '../store/index.ts';
import { type AdmitDeps, admitHost } from './admit-host.ts';

/** The stores and services that {@link answerOrdersQuery} uses. */
export interface AnswerDeps extends JoinerDeps, AdmitDeps {
  readonly orders: Pick<OrderStore, 'openFor'>;
  readonly aborts: Pick<AbortStore, 'openFor'>;
  readonly hosts: Pick<HostStore, 'seen'>;
  readonly hostLabels: Pick<HostLabelsStore, 'changesAfter'>;
  /** The newest checkpoint of the audit log, for the host to keep. */
  readonly newestCheckpoint: () => string | undefined;
  /** Signs which trust bundle is the newest: an order that waited long counts only with such a statement. */
  readonly signFreshness: () => Promise<string | undefined>;
}

/** How many orders one reply may hold. A host that has answered those asks again. */
const REPLY_LIMIT_ORDERS = 256;

/** Bytes of a message that a reply reserves for its own framing, for a checkpoint and for a statement. */
const FRAMING_BYTES = 16 * REPLY_LIMIT_ORDERS + 2048 + 8300;

/**
 * The open orders of the host that asks, the oldest first, as many as fit into one message. An order is open
 * if the host owes an answer to it and may still start it. Aborts of requests that the host could still start
 * come before them; orders of aborted requests are not handed out. Throws TOKEN_KEY_UNKNOWN if the host is
 * not enrolled, and NOT_FOUND if it has not said hello yet: an empty answer would keep it from asking again.
 *
 * The query says how far the host's journal has come, and the reply admits the host for some minutes. A host
 * that is held gets the aborts and no orders; see {@link admitHost}.
 */
export async function answerOrdersQuery(deps: AnswerDeps, { host, bytes }: HostMessage): Promise<Uint8Array> {
  const query = ordersQueryCodec.decode(bytes);
  if (query.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} asks for the orders of ${query.host}`);
  await enrolledHost(deps.hostKeys, host);
  await deps.hosts.seen(host);
  if (!(await admitLateJoiner(deps, host)))
    throw new FarcallError('NOT_FOUND', `${host} has not said hello yet; it asks again after that`);
  const { admission, held } = await admitHost(deps, query);
  const nowMs = deps.clock.nowMs();
  const labels = (await deps.hostLabels.changesAfter(host, query.labelsNumber)).slice(-LABELS_IN_REPLY);
  const labelBytes = labels.flat().reduce((sum, token) => sum + token.length + 8, 0);
  const capacity = { leftBytes: MESSAGE_LIMIT_BYTES - 2 * FRAMING_BYTES - labelBytes };
  const aborts = fitting(await deps.aborts.openFor(host, nowMs, REPLY_LIMIT_ORDERS), capacity);
  const open = admission === undefined ? [] : await deps.orders.openFor(host, nowMs, REPLY_LIMIT_ORDERS);
  const orders = fitting(open, capacity);
  return ordersReplyCodec.encode({
    aborts: aborts.map(abortEnvelopeCodec.decode),
    orders: orders.map(orderEnvelopeCodec.decode),
    checkpoint: deps.newestCheckpoint(),
    freshness: await deps.signFreshness(),
    held,
    labels: labels.map(tokens => ({ tokens: [...tokens] })),
    ...(admission !== undefined && { admission }),
  });
}

/** The first of `envelopes`, as many as fit into what is left of the message. */
function fitting(envelopes: readonly Uint8Array[], capacity: { leftBytes: number }): readonly Uint8Array[] {
  const taken: Uint8Array[] = [];
  for (const envelope of envelopes) {
    if (envelope.length > capacity.leftBytes) break;
    capacity.leftBytes -= envelope.length;
    taken.push(envelope);
  }
  return taken;
}
