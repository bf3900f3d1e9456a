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
import { type LockCheckDeps, refuseLocked } from './refuse-locked.ts';

/** The stores and services that {@link makeOrder} uses. */
export interface OrderDeps extends LockCheckDeps {
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly signer: OrderSigner;
}

/** Which hosts an order is for. */
export interface OrderTarget {
  readonly wave: number;
  readonly slice: Slice;
  readonly attempt: number;
  /** For a retry: it is for hosts that ended with one of these outcomes. */
  readonly only?: readonly Outcome[];
}

/** How many decisions an envelope may hold. */
export const ENVELOPE_LIMIT_TOKENS = 64;

/**
 * Signs an order for one wave of a request. It is stored before it is published, so the controller knows
 * every order that can reach a host. Throws LOCKED as `refuseLocked`, and the codes of the signer.
 */
export async function makeOrder(
  deps: OrderDeps,
  record: RequestRecord,
  target: OrderTarget,
): Promise<NewOrder> {
  const decisions = await deps.approvals.of(record.id);
  await refuseLocked(deps, record, decisions);
  const order = await deps.signer.sign({
    ...{ requestDigest: record.digest, expiresAtMs: record.expiresAtMs },
    ...target,
  });
  const included = decisionsForEnvelope(decisions);
  const envelope = orderEnvelopeCodec.encode({
    request: record.bytes,
    requestToken: record.token,
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
