import type { Clock } from '../../shared/clock/index.ts';
import { openModuleKey } from '../../shared/cms/index.ts';
import type { ControllerConfig } from '../config/index.ts';
import type { ModuleSigningParts } from './answer-sign-query.ts';
import { knownKernels } from './known-kernels.ts';
import { moduleDeriver } from './module-deriver.ts';
import { signQueryLimit } from './sign-query-limit.ts';

/**
 * Opens what signs modules; undefined if the configuration has no such member. Throws if the key cannot be
 * used.
 */
export function openModuleSigning(
  { moduleSigning }: Pick<ControllerConfig, 'moduleSigning'>,
  clock: Clock,
): ModuleSigningParts | undefined {
  if (!moduleSigning) return undefined;
  const { kernelsFolder: folder, onlyKnownKernels: onlyKnown } = moduleSigning;
  return {
    key: openModuleKey(moduleSigning),
    deriver: moduleDeriver(),
    kernels: knownKernels({ folder, onlyKnown }),
    limit: signQueryLimit(clock),
  };
}
