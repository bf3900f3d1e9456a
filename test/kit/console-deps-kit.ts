import { operatorHandlers } from '../../controller/api/index.ts';
import type { ConsoleDeps } from '../../controller/console/index.ts';
import { hostManagement } from '../../controller/enrolment/index.ts';
import { lockManagement } from '../../controller/locks/index.ts';
import { advanceRequest } from '../../controller/service/index.ts';
import type { ControllerParts } from './controller-kit.ts';

/**
 * What a console on `parts` is made of, but for its page and how it is configured; no host answers questions
 * for types.
 */
export function consoleDepsOf(
  parts: ControllerParts,
): Omit<ConsoleDeps, 'config' | 'tls' | 'assets' | 'oidc'> {
  const { trust, consoles, changes, clock, counters, log, callerLimits: limits } = parts;
  return {
    ...{ name: 'ctl-1', trust, consoles, changes, clock, counters, log, limits },
    handlers: operatorHandlers({
      ...parts,
      management: hostManagement(parts),
      lockManagement: lockManagement(parts),
      issueConsoleCode: undefined,
      kernelTypesFetcher: { problemOf: () => 'nobody answered', fetchMissing: async () => undefined },
      advance: id => advanceRequest(parts, id),
    }),
  };
}
