import { FarcallError } from '../../shared/errors/index.ts';
import { type CallDraft, type CallRequest, planCodec, planQueryCodec } from '../../shared/messages/index.ts';
import type { PlanRecord, PlanStore } from '../store/index.ts';

/**
 * The digest of the plan that `draft` names, which goes into the bytes that approvers sign; undefined if it
 * names none. Throws NOT_FOUND if `requester` made no such plan, CONFLICT if the plan is of another program
 * or for other hosts.
 *
 * Threat: approvers are shown a plan of another program, or for other hosts, than the request's. Each
 * approver checks that again from the bytes; here the requester learns of the mistake.
 */
export async function attachedPlan(
  { plans }: { readonly plans: Pick<PlanStore, 'find'> },
  requester: string,
  draft: CallDraft & Pick<CallRequest, 'effect'>,
): Promise<Uint8Array | undefined> {
  if (draft.planId === undefined) return undefined;
  const record = await plans.find(draft.planId);
  if (record?.madeBy !== requester)
    throw new FarcallError('NOT_FOUND', `${requester} made no plan ${draft.planId}`);
  refuseOther(record, draft);
  return record.digest;
}

/** Throws like {@link attachedPlan} for the plan that a request names by its digest, if it names one. */
export async function checkPlanOf(
  { plans }: { readonly plans: Pick<PlanStore, 'findByDigest'> },
  request: CallRequest,
): Promise<void> {
  if (!request.planDigest) return;
  const record = await plans.findByDigest(request.planDigest);
  if (record?.madeBy !== request.requester)
    throw new FarcallError('NOT_FOUND', `${request.requester} made no plan of that digest`);
  refuseOther(record, request);
}

const MEMBERS = [
  'program',
  'selector',
  'effect',
  'indirectCalls',
  'policy',
  'timeoutMs',
  'fuel',
  'library',
  'values',
] as const;

function refuseOther(record: PlanRecord, request: Pick<CallRequest, (typeof MEMBERS)[number]>): void {
  const { selector, query: queryBytes } = planCodec.decode(record.bytes);
  const query = planQueryCodec.decode(queryBytes);
  const planned = { selector, ...query };
  for (const member of MEMBERS) {
    if (planned[member] !== request[member])
      throw new FarcallError('CONFLICT', `the plan ${record.id} is of another ${member} than the request`);
  }
}
