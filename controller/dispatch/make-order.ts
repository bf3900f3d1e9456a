import { orderEnvelopeCodec } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import type { Slice } from '../../shared/targets/index.ts';
import type { OrderSigner } from '../signing/index.ts';
import {
  type ApprovalRecord,
  type ApprovalStore,
  decisionsRevision,
  type NewOrder,
  type RequestRecord,
} from '../store/index.ts';

export interface OrderDeps {
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly signer: OrderSigner;
}

/** Which hosts an order is for. */
export interface OrderTarget {
  readonly wave: number;
  readonly slice: Slice;
  readonly attempt: number;
  /** For a retry: how the hosts ended that it is for. */
  readonly only?: readonly Outcome[];
}

/** Most decisions that an envelope holds. */
export const ENVELOPE_LIMIT_TOKENS = 64;

/**
 * Signs an order for one wave of a request. It goes into the store before it is published, so that an order
 * that reached a host is always one that the controller knows of.
 */
export async function makeOrder(
  deps: OrderDeps,
  record: RequestRecord,
  target: OrderTarget,
): Promise<NewOrder> {
  const decisions = await deps.approvals.of(record.id);
  const order = await deps.signer.sign({
    ...{ requestDigest: record.digest, expiresAtMs: record.expiresAtMs },
    ...target,
  });
  const included = decisionsForEnvelope(decisions);
  const envelope = orderEnvelopeCodec.encode({
    request: record.bytes,
    approvals: included.map(({ token }) => token),
    withdrawals: included.flatMap(({ withdrawal }) => withdrawal ?? []),
    order: order.token,
  });
  return {
    ...{ id: order.id, requestId: record.id, attempt: target.attempt, wave: target.wave, envelope },
    revision: decisionsRevision(decisions),
    trustVersion: order.trustVersion,
  };
}

/** As many decisions as fit an envelope: active ones first, then withdrawn ones. */
function decisionsForEnvelope(decisions: readonly ApprovalRecord[]): readonly ApprovalRecord[] {
  const isActive = ({ withdrawal }: ApprovalRecord): boolean => withdrawal === undefined;
  const withdrawn = decisions.filter(decision => !isActive(decision));
  return [...decisions.filter(isActive), ...withdrawn].slice(0, ENVELOPE_LIMIT_TOKENS);
}
