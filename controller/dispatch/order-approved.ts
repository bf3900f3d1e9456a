import { orderEnvelopeCodec } from '../../shared/messages/index.ts';
import { WHOLE } from '../../shared/targets/index.ts';
import type { OrderSigner } from '../signing/index.ts';
import type { ApprovalStore, OrderStore, RequestRecord } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** What {@link orderApproved} needs. */
export interface OrderDeps {
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly orders: Pick<OrderStore, 'add'>;
  readonly signer: OrderSigner;
  readonly trust: TrustSource;
}

const FIRST = 1;

/**
 * Signs the order for an approved request and stores it: one wave of all hosts. It is stored before it is published, so
 * that an order that reached a host is always one that the controller knows of. False where the request is not approved
 * any more.
 */
export async function orderApproved(deps: OrderDeps, record: RequestRecord): Promise<boolean> {
  const approvals = await deps.approvals.of(record.id);
  const order = await deps.signer.sign({
    requestDigest: record.digest,
    expiresAtMs: record.expiresAtMs,
    attempt: FIRST,
    wave: FIRST,
    slice: WHOLE,
  });
  const envelope = orderEnvelopeCodec.encode({
    request: record.bytes,
    approvals: approvals.map(({ token }) => token),
    order: order.token,
  });
  const trustVersion = deps.trust.current().version;
  return deps.orders.add({ id: order.id, requestId: record.id, attempt: FIRST, envelope, trustVersion });
}
