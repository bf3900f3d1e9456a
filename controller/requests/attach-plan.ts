import { FarcallError } from '../../shared/errors/index.ts';
import { type CallDraft, planCodec, planQueryCodec } from '../../shared/messages/index.ts';
import type { PlanStore } from '../store/index.ts';

/**
 * The digest of the plan that `draft` names, which goes into what approvers sign; undefined where it names
 * none. Throws NOT_FOUND where `requester` made no such plan, CONFLICT where it is a plan of something else.
 *
 * Threat: approvers are shown a plan of another program, or of other hosts, than the request's. Each of them
 * checks that again from the bytes; here the mistake is told to who makes it.
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
  for (const member of ['program', 'selector', 'effect', 'policy', 'timeoutMs'] as const) {
    if (planned[member] !== draft[member])
      throw new FarcallError('CONFLICT', `the plan ${draft.planId} is of another ${member} than the request`);
  }
  return record.digest;
}
