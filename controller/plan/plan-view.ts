import { FarcallError } from '../../shared/errors/index.ts';
import type { PlanView } from '../../shared/messages/index.ts';
import type { PlanRecord, PlanStore } from '../store/index.ts';

/** A plan as operators get it. */
export function planView({ id, bytes, madeBy, madeAtMs }: PlanRecord): PlanView {
  return { id, plan: bytes, madeBy, madeAtMs };
}

/** The plan with this id or digest. Throws NOT_FOUND. */
export async function findPlan(
  { plans }: { readonly plans: Pick<PlanStore, 'find' | 'findByDigest'> },
  { id, digest }: { readonly id?: string | undefined; readonly digest?: Uint8Array | undefined },
): Promise<PlanView> {
  const record = digest ? await plans.findByDigest(digest) : await plans.find(id ?? '');
  if (record) return planView(record);
  const name = id ?? `with the digest sha256:${Buffer.from(digest ?? []).toString('hex')}`;
  throw new FarcallError('NOT_FOUND', `there is no plan ${name}`);
}
