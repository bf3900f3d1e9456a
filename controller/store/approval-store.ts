import { FarcallError } from '../../shared/errors/index.ts';
import { auditDigest } from './audit-log.ts';
import type { Change, Database } from './database.ts';

/** An approval that was verified. */
export interface NewApproval {
  readonly requestId: string;
  readonly approver: string;
  readonly token: string;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** A stored approval. */
export interface ApprovalRecord {
  readonly approver: string;
  readonly token: string;
}

/** Approvals of requests. */
export interface ApprovalStore {
  /** Throws CONFLICT where the request is not pending, APPROVAL_REFUSED where this person approved already. */
  add(approval: NewApproval): Promise<void>;
  /** In the order in which they came. */
  of(requestId: string): Promise<readonly ApprovalRecord[]>;
}

/** The part of the store about approvals. */
export function approvalStoreOn(database: Database): ApprovalStore {
  return {
    add: approval => database.change(change => add(change, approval)),
    of: requestId =>
      database.read(db =>
        db
          .selectFrom('approvals')
          .select(['approver', 'token'])
          .where('request_id', '=', requestId)
          .orderBy('submitted_at_ms')
          .orderBy('approver')
          .execute(),
      ),
  };
}

async function add(change: Change, approval: NewApproval): Promise<void> {
  const { requestId, approver, token, submittedBy, trustVersion } = approval;
  const { trx, nowMs } = change;
  const request = await trx
    .selectFrom('requests')
    .select('state')
    .where('id', '=', requestId)
    .executeTakeFirst();
  if (request?.state !== 'pending')
    throw new FarcallError(
      'CONFLICT',
      `request ${requestId} is ${request?.state ?? 'unknown'}; it takes no more approvals`,
    );
  const inserted = await trx
    .insertInto('approvals')
    .values({ request_id: requestId, approver, token, submitted_at_ms: nowMs })
    .onConflict(conflict => conflict.columns(['request_id', 'approver']).doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n)
    throw new FarcallError('APPROVAL_REFUSED', `${approver} approved request ${requestId} already`);
  await change.audit({
    kind: 'approval-added',
    actor: approver,
    requestId,
    detail: { submittedBy, token: auditDigest(token), trust: trustVersion },
  });
}
