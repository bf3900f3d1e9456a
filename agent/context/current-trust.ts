import { agentVersion } from '../../shared/version/index.ts';
import type { HostTrust } from '../verify/index.ts';
import type { OrderContext } from './order-context.ts';

/** What this host checks orders against at this moment. Throws TRUST_MISSING if it has no bundle yet. */
export function currentTrust({
  trust,
  identity,
  stages,
  clock,
}: Pick<OrderContext, 'trust' | 'identity' | 'stages' | 'clock'>): HostTrust {
  const { host, labels, joinedAtMs } = identity;
  const facts = () => ({ ...stages.facts(), agentVersion: agentVersion() });
  return { ...trust.now(), host, labels, facts, joinedAtMs, nowMs: clock.nowMs() };
}
