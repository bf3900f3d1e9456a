import { enforcesSignatures } from '../../shared/module-signing/index.ts';
import type { HostPolicy, ModuleSigning } from '../policy/index.ts';
import type { ReportedKernelFacts } from '../stages/index.ts';

/**
 * How this host signs modules now: as its policy says. If the policy does not say, the controller signs on a
 * kernel that takes signed modules only, and nobody signs on others.
 */
export function signingMode(
  { moduleSigning }: Pick<HostPolicy, 'moduleSigning'>,
  facts: Pick<ReportedKernelFacts, 'sigEnforce' | 'lockdown'>,
): ModuleSigning {
  return moduleSigning ?? (enforcesSignatures(facts) ? 'controller' : 'none');
}
