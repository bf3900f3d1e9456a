import { statfsSync } from 'node:fs';
import type { HostPolicy } from '../policy/index.ts';
import { signingMode } from '../signing/index.ts';
import { moduleLoadingProblem, type ReportedKernelFacts } from '../stages/index.ts';

/** With less room for its journal than this, a host is unfit: each call writes to it before it runs. */
export const LEAST_FREE_MIB = 16;

/** Inputs of {@link unfitReasons}. */
export interface UnfitSources {
  readonly facts: Pick<ReportedKernelFacts, 'modulesDisabled' | 'sigEnforce' | 'lockdown' | 'signing'>;
  readonly policy: Pick<HostPolicy, 'effects' | 'moduleSigning'>;
  readonly stateDirectory: string;
}

/**
 * Why this host could run no call now, as far as the host itself can see, each in words for operators; none
 * if it could. A host tells them in its hello, so that nobody learns of them in the night in which a call
 * matters. Costs a few microseconds. It does not count what the policy forbids on purpose.
 */
export function unfitReasons({ facts, policy, stateDirectory }: UnfitSources): readonly string[] {
  return [moduleProblem({ facts, policy }), kcore(facts), disk(stateDirectory)].filter(
    reason => reason !== undefined,
  );
}

/**
 * Why this kernel takes no modules of ours; undefined if nothing is known to prevent it. A host whose policy
 * allows reads only needs none.
 */
export function moduleProblem({ facts, policy }: Pick<UnfitSources, 'facts' | 'policy'>): string | undefined {
  if (policy.effects.every(effect => effect === 'read')) return undefined;
  return moduleLoadingProblem(facts, { signed: signingMode(policy, facts) !== 'none' });
}

function kcore({ signing }: Pick<ReportedKernelFacts, 'signing'>): string | undefined {
  if (signing?.kcoreReadable !== false) return undefined;
  return 'the agent cannot read /proc/kcore: it needs CAP_SYS_RAWIO, and a kernel that is not locked down for confidentiality';
}

function disk(stateDirectory: string): string | undefined {
  const { bavail, bsize } = statfsSync(stateDirectory);
  if (bavail * bsize >= LEAST_FREE_MIB * 2 ** 20) return undefined;
  return `the disk of the state directory has less than ${LEAST_FREE_MIB} MiB left for the journal`;
}
