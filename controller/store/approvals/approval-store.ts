import { FarcallError } from '../../../shared/errors/index.ts';
import type { RequestState } from '../../../shared/messages/index.ts';
import { tokenDigest } from '../../../shared/tokens/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import { moveState } from '../progress/index.ts';
import type { ApprovalsTable } from '../schema/index.ts';

/** The two decisions of an approver. */
export type ApprovalDecision = 'approve' | 'reject';

/** A decision that was verified. */
export interface NewApproval {
  readonly requestId: string;
  readonly approver: string;
  readonly decision: ApprovalDecision;
  readonly reason: string;
  readonly token: string;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** A withdrawal that was verified. */
export interface NewWithdrawal {
  readonly requestId: string;
  readonly approver: string;
  /** SHA-256 of the text of the withdrawn token, in base64url. */
  readonly tokenDigest: string;
  readonly token: string;
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** A stored decision. */
export interface ApprovalRecord {
  readonly approver: string;
  readonly decision: ApprovalDecision;
  readonly reason: string;
  readonly token: string;
  readonly submittedAtMs: number;
  /** The token that withdrew it; undefined as long as the decision is active. */
  readonly withdrawal: string | undefined;
}

/** Decisions of approvers about requests. */
export interface ApprovalStore {
  /**
   * Throws CONFLICT if the request takes no such decision in its state, APPROVAL_REFUSED if this person has
   * an active decision about it already. A rejection moves the request to rejected.
   */
  add(approval: NewApproval): Promise<void>;
  /**
   * Withdraws a decision; the request is then pending again unless another rejection is active. Throws
   * NOT_FOUND if the decision is not active, CONFLICT if the request is ordered or over.
   */
  withdraw(withdrawal: NewWithdrawal): Promise<void>;
  /** All decisions, including withdrawn ones, in the order in which they came. */
  of(requestId: string): Promise<readonly ApprovalRecord[]>;
}

/**
 * How often one person may decide about one request: each decision, and its withdrawal, travels to all hosts.
 */
const DECISIONS_PER_APPROVER = 8;

/** The states in which a request takes decisions of each kind. */
export const DECIDED_IN: Readonly<Record<ApprovalDecision, readonly RequestState[]>> = {
  approve: ['pending', 'rejected'],
  reject: ['pending', 'approved', 'rejected'],
};

/** The states of a request in which decisions can be withdrawn. */
export const WITHDRAWN_IN: readonly RequestState[] = ['pending', 'approved', 'rejected'];

/** The part of the store about approvals. */
export function approvalStoreOn(database: Database): ApprovalStore {
  return {
    add: approval => database.change(change => add(change, approval)),
    withdraw: withdrawal => database.change(change => withdraw(change, withdrawal)),
    of: requestId =>
      database.read(async db => {
        const rows = await db
          .selectFrom('approvals')
          .selectAll()
          .where('request_id', '=', requestId)
          .orderBy('submitted_at_ms')
          .orderBy('approver')
          .orderBy('token')
          .execute();
        return rows.map(recordOf);
      }),
  };
}

/**
 * A number that changes with every decision and withdrawal. Code that counts approvals outside of a
 * transaction passes the number on with what it concluded, so that a decision that came in between is not
 * ignored.
 */
export function decisionsRevision(decisions: readonly Pick<ApprovalRecord, 'withdrawal'>[]): number {
  return decisions.length + decisions.filter(({ withdrawal }) => withdrawal !== undefined).length;
}

/** The people whose approval is among `decisions` and was not withdrawn, in the order in which they came. */
export function standingApprovers(
  decisions: readonly Pick<ApprovalRecord, 'approver' | 'decision' | 'withdrawal'>[],
): string[] {
  return decisions
    .filter(({ decision, withdrawal }) => decision === 'approve' && withdrawal === undefined)
    .map(({ approver }) => approver);
}

/** {@link decisionsRevision} of what is stored now. */
export async function storedRevision({ trx }: Change, requestId: string): Promise<number> {
  const { all, withdrawn } = await trx
    .selectFrom('approvals')
    .select(({ fn }) => [fn.countAll<number>().as('all'), fn.count<number>('withdrawal').as('withdrawn')])
    .where('request_id', '=', requestId)
    .executeTakeFirstOrThrow();
  return all + withdrawn;
}

async function add(change: Change, approval: NewApproval): Promise<void> {
  const { requestId, approver, decision, reason, token, submittedBy, trustVersion } = approval;
  const { trx, nowMs } = change;
  const state = await stateOf(change, requestId);
  if (!state || !DECIDED_IN[decision].includes(state))
    throw new FarcallError(
      'CONFLICT',
      `request ${requestId} is ${state ?? 'unknown'}; it takes no more ${decision === 'approve' ? 'approvals' : 'rejections; farcall abort stops what has not started'}`,
    );
  const ownDecisions = await decisionsOf(change, requestId, approver);
  refuseRepeated(ownDecisions, approval);
  await trx
    .insertInto('approvals')
    .values({
      ...{ request_id: requestId, approver, decision, reason, token },
      ...{ submitted_at_ms: nowMs, withdrawal: null, withdrawn_at_ms: null },
    })
    .execute();
  const kind = decision === 'approve' ? 'approval-added' : 'rejection-added';
  const detail = { submittedBy, token: auditDigest(token), trust: trustVersion };
  await change.audit({ kind, actor: approver, requestId, detail });
  if (decision === 'approve' || state === 'rejected') return;
  await moveState(change, requestId, 'reject');
  await change.audit({ kind: 'request-rejected', actor: approver, requestId, detail: {} });
}

function refuseRepeated(
  ownDecisions: readonly ApprovalsTable[],
  { requestId, approver, token }: NewApproval,
): void {
  const refuse = (why: string): FarcallError =>
    new FarcallError('APPROVAL_REFUSED', `${approver} ${why} (request ${requestId})`);
  const active = ownDecisions.find(({ withdrawal }) => withdrawal === null);
  if (active?.decision === 'approve') throw refuse('approved already');
  if (active) throw refuse('rejected already; farcall withdraw takes that back');
  if (ownDecisions.some(row => row.token === token))
    throw refuse('took exactly this back; a new one must be signed');
  if (ownDecisions.length >= DECISIONS_PER_APPROVER)
    throw refuse(`decided ${ownDecisions.length} times already; that is the limit`);
}

async function withdraw(change: Change, withdrawal: NewWithdrawal): Promise<void> {
  const { requestId, approver, token, submittedBy } = withdrawal;
  const state = await stateOf(change, requestId);
  if (!state || !WITHDRAWN_IN.includes(state))
    throw new FarcallError(
      'CONFLICT',
      `request ${requestId} is ${state ?? 'unknown'}; decisions can no longer be withdrawn, use abort: farcall abort ${requestId}`,
    );
  const ownDecisions = await decisionsOf(change, requestId, approver);
  const row = ownDecisions.find(
    each => tokenDigest(each.token) === withdrawal.tokenDigest && each.withdrawal === null,
  );
  if (!row)
    throw new FarcallError(
      'NOT_FOUND',
      `${approver} has no such decision about request ${requestId} that stands`,
    );
  await change.trx
    .updateTable('approvals')
    .set({ withdrawal: token, withdrawn_at_ms: change.nowMs })
    .where('request_id', '=', requestId)
    .where('token', '=', row.token)
    .execute();
  const kind = row.decision === 'approve' ? 'approval-withdrawn' : 'rejection-withdrawn';
  const detail = {
    ...{ submittedBy, token: auditDigest(row.token), withdrawal: auditDigest(token) },
    trust: withdrawal.trustVersion,
  };
  await change.audit({ kind, actor: approver, requestId, detail });
  await reopen(change, { requestId, approver, state, decision: row.decision });
}

interface WithdrawnDecision {
  readonly requestId: string;
  readonly approver: string;
  readonly state: RequestState;
  readonly decision: ApprovalDecision;
}

async function reopen(
  change: Change,
  { requestId, approver, state, decision }: WithdrawnDecision,
): Promise<void> {
  if (state === 'rejected' && (decision === 'approve' || (await isRejected(change, requestId)))) return;
  if (await moveState(change, requestId, 'reopen'))
    await change.audit({ kind: 'request-reopened', actor: approver, requestId, detail: {} });
}

async function isRejected({ trx }: Change, requestId: string): Promise<boolean> {
  const active = await trx
    .selectFrom('approvals')
    .select('approver')
    .where('request_id', '=', requestId)
    .where('decision', '=', 'reject')
    .where('withdrawal', 'is', null)
    .executeTakeFirst();
  return active !== undefined;
}

async function stateOf({ trx }: Change, requestId: string): Promise<RequestState | undefined> {
  const query = trx.selectFrom('requests').select('state').where('id', '=', requestId);
  return (await query.executeTakeFirst())?.state;
}

function decisionsOf({ trx }: Change, requestId: string, approver: string): Promise<ApprovalsTable[]> {
  return trx
    .selectFrom('approvals')
    .selectAll()
    .where('request_id', '=', requestId)
    .where('approver', '=', approver)
    .execute();
}

function recordOf({ approver, decision, reason, token, ...row }: ApprovalsTable): ApprovalRecord {
  const withdrawal = row.withdrawal ?? undefined;
  return { approver, decision, reason, token, submittedAtMs: row.submitted_at_ms, withdrawal };
}
