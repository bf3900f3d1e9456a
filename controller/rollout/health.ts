import type { CallHealth, HostFacts } from '../../shared/messages/index.ts';
import { callResultCodec, hostFactsCodec } from '../../shared/messages/index.ts';
import type { HealthStore } from '../store/index.ts';

/** Says which hosts of a wave are unwell now, and why. */
export interface HealthSource {
  unhealthyOf(requestId: string, wave: number): Promise<ReadonlyMap<string, string>>;
}

/** Taint bits that our own module may set: O (12), out of tree, and E (13), unsigned (kernel Documentation/admin-guide/tainted-kernels.rst). */
const OURS = (1 << 12) | (1 << 13);

/** Health by what hosts said of themselves when they last said hello, against what they were like after the call. */
export function factsHealth(store: HealthStore): HealthSource {
  return {
    async unhealthyOf(requestId, wave) {
      const unwell = new Map<string, string>();
      for await (const { host, result, facts } of store.settledOf(requestId, wave)) {
        const { health } = callResultCodec.decode(result);
        const problem = health && problemOf(health, hostFactsCodec.decode(facts));
        if (problem !== undefined) unwell.set(host, problem);
      }
      return unwell;
    },
  };
}

function problemOf(health: CallHealth, { bootId, taint }: HostFacts): string | undefined {
  if (bootId !== health.bootId) return 'it was started anew since the call';
  const added = (health.taintAfter | taint) & ~health.taintBefore & ~OURS;
  return added === 0 ? undefined : `the kernel is tainted by ${added} since the call`;
}
