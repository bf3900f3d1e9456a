import type { HeldLease, LeaseOptions, LeaseStore } from './lease-store.ts';

/**
 * Renews the lease `held`, or takes it if no controller holds it. Undefined if another controller does: what
 * only one may do is then its work.
 */
export async function holdLease(
  leases: Pick<LeaseStore, 'renew' | 'acquire'>,
  { name, holder, ttlMs }: LeaseOptions,
  held: HeldLease | undefined,
): Promise<HeldLease | undefined> {
  if (held && (await leases.renew({ ...held, ttlMs }))) return held;
  const taken = await leases.acquire({ name, holder, ttlMs });
  return taken && { name, epoch: taken.epoch };
}
