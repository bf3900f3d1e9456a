import type { Clock } from '../../shared/clock/index.ts';
import { openModuleKey } from '../../shared/cms/index.ts';
import type { ControllerConfig } from '../config/index.ts';
import type { ModuleSigningParts } from './answer-sign-query.ts';
import { hostLimit } from './host-limit.ts';
import { moduleDeriver } from './module-deriver.ts';

/** What signs modules, by the configuration; undefined where it has no such member. Throws where the key cannot be used. */
export function openModuleSigning(
  { moduleSigning }: Pick<ControllerConfig, 'moduleSigning'>,
  clock: Clock,
): ModuleSigningParts | undefined {
  if (!moduleSigning) return undefined;
  return { key: openModuleKey(moduleSigning), deriver: moduleDeriver(), limit: hostLimit(clock) };
}
