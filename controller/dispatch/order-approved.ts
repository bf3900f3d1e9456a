import { orderEnvelopeCodec } from '../../shared/messages/index.ts';
import { WHOLE } from '../../shared/targets/index.ts';
import type { OrderSigner } from '../signing/index.ts';
import {
  type ApprovalRecord,
  type ApprovalStore,
  decisionsRevision,
  type OrderStore,
  type RequestRecord,
} from '../store/index.ts';

/** What {@link orderApproved} needs. */
export interface OrderDeps {
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly orders: Pick<OrderStore, 'add'>;
  readonly signer: OrderSigner;
}

const FIRST = 1;

/** Most decisions that an envelope holds. */
export const ENVELOPE_LIMIT_TOKENS = 64;

/**
 * Signs the order for an approved request and stores it: one wave of all hosts. It is stored before it is published, so
 * that an order that reached a host is always one that the controller knows of. False where the request is not approved
 * any more.
 */
export async function orderApproved(deps: OrderDeps, record: RequestRecord): Promise<boolean> {
  const decisions = await deps.approvals.of(record.id);
  const order = await deps.signer.sign({
    requestDigest: record.digest,
    expiresAtMs: record.expiresAtMs,
    attempt: FIRST,
    wave: FIRST,
    slice: WHOLE,
  });
  const carried = mostTelling(decisions);
  const envelope = orderEnvelopeCodec.encode({
    request: record.bytes,
    approvals: carried.map(({ token }) => token),
    withdrawals: carried.flatMap(({ withdrawal }) => withdrawal ?? []),
    order: order.token,
  });
  return deps.orders.add({
    ...{ id: order.id, requestId: record.id, attempt: FIRST, envelope },
    revision: decisionsRevision(decisions),
    trustVersion: order.trustVersion,
  });
}

/** All decisions, as many as fit; those that stand come first. */
function mostTelling(decisions: readonly ApprovalRecord[]): readonly ApprovalRecord[] {
  const stands = ({ withdrawal }: ApprovalRecord): boolean => withdrawal === undefined;
  const takenBack = decisions.filter(decision => !stands(decision));
  return [...decisions.filter(stands), ...takenBack].slice(0, ENVELOPE_LIMIT_TOKENS);
}
