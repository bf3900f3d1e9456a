import { type CallRequest, planCodec, planReplyCodec } from '../../shared/messages/index.ts';
import type { PlanStore } from '../store/index.ts';

/** The store of plans. */
export interface PlannedDeps {
  readonly plans: Pick<PlanStore, 'findByDigest'>;
}

/**
 * The names of all functions that a program calls on the hosts that were asked for its plan; undefined
 * without a plan, or if no host compiled the program. Other kernels may call others, and each host looks for
 * itself.
 */
export async function plannedCallees(
  { plans }: PlannedDeps,
  { planDigest }: Pick<CallRequest, 'planDigest'>,
): Promise<readonly string[] | undefined> {
  const record = planDigest && (await plans.findByDigest(planDigest));
  if (!record) return undefined;
  const replies = planCodec.decode(record.bytes).replies.map(({ reply }) => planReplyCodec.decode(reply));
  const compiled = replies.filter(({ effect }) => effect !== undefined);
  if (compiled.length === 0) return undefined;
  return [...new Set(compiled.flatMap(({ callees }) => callees.map(({ name }) => name)))];
}
