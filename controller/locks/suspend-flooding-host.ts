import { toFarcallError } from '../../shared/errors/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostKeyStore } from '../store/index.ts';
import type { LoginEnforcer } from './login-enforcer.ts';

/** What {@link suspendFloodingHost} works with. */
export interface SuspensionDeps {
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly loginEnforcer: Pick<LoginEnforcer, 'suspend'>;
  readonly log: Logger;
}

/**
 * Takes the login of a host that floods off the broker for ten minutes. Never throws. What the function
 * returns does nothing while it is at work for the same host.
 *
 * Threat: one host sends without end. Budgets keep what it sends from being handled, and yet all of it is
 * received, before what others send. Only the broker can keep it away. A host can bring this only upon
 * itself, because the broker lets no host send in another's name.
 */
export function suspendFloodingHost(deps: SuspensionDeps): (host: string) => Promise<void> {
  const { hostKeys, loginEnforcer, log } = deps;
  const busy = new Set<string>();
  return async host => {
    if (busy.has(host)) return;
    busy.add(host);
    try {
      const enrolled = await hostKeys.find(host);
      if (!enrolled) return;
      const broker = await loginEnforcer.suspend(enrolled.nkey);
      log.warn({ host, broker }, 'host floods: the broker refuses its login for ten minutes');
    } catch (err) {
      log.warn({ host, code: toFarcallError(err).code, err }, 'host floods and its login cannot be found');
    } finally {
      busy.delete(host);
    }
  };
}
