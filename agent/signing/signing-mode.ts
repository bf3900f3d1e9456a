import { enforcesSignatures } from '../../shared/module-signing/index.ts';
import type { HostPolicy, ModuleSigning } from '../policy/index.ts';
import type { ReportedKernelFacts } from '../stages/index.ts';

/**
 * How this host signs modules now: as its policy says; where that says nothing, by the controller if the
 * kernel takes signed modules only, and not at all if it takes others too.
 */
export function signingMode(
  { moduleSigning }: Pick<HostPolicy, 'moduleSigning'>,
  facts: Pick<ReportedKernelFacts, 'sigEnforce' | 'lockdown'>,
): ModuleSigning {
  return moduleSigning ?? (enforcesSignatures(facts) ? 'controller' : 'none');
}
