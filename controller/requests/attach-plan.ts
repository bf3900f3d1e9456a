import { FarcallError } from '../../shared/errors/index.ts';
import { type CallDraft, planCodec, planQueryCodec } from '../../shared/messages/index.ts';
import type { PlanStore } from '../store/index.ts';

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
  draft: CallDraft,
): Promise<Uint8Array | undefined> {
  if (draft.planId === undefined) return undefined;
  const record = await plans.find(draft.planId);
  if (record?.madeBy !== requester)
    throw new FarcallError('NOT_FOUND', `${requester} made no plan ${draft.planId}`);
  const { selector, query: queryBytes } = planCodec.decode(record.bytes);
  const query = planQueryCodec.decode(queryBytes);
  const planned = { selector, ...query };
  for (const member of ['program', 'selector', 'effect', 'indirectCalls', 'policy', 'timeoutMs'] as const) {
    if (planned[member] !== draft[member])
      throw new FarcallError('CONFLICT', `the plan ${draft.planId} is of another ${member} than the request`);
  }
  return record.digest;
}
