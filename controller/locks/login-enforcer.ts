import type { Clock } from '../../shared/clock/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import type { LockView } from '../../shared/messages/index.ts';
import { type BrokerLogins, type RevokedLogins, SUSPENDED_LIMIT, SUSPENSION_S } from '../broker/index.ts';
import type { Logger } from '../log/index.ts';
import type { LockStore } from '../store/index.ts';
import type { LockRegistry } from './lock-registry.ts';

/** Has the broker refuse the logins of removed and locked hosts, and of locked controllers. */
export interface LoginEnforcer {
  /** Tells the broker now; never throws. Returns whether the broker has it. */
  enforce(): Promise<NonNullable<LockView['broker']>>;
  /** Has the broker refuse this login for ten minutes, as {@link enforce}. */
  suspend(nkey: string): Promise<NonNullable<LockView['broker']>>;
}

/** The inputs of {@link loginEnforcer}. */
export interface EnforcerDeps {
  readonly locks: Pick<LockStore, 'revokedLogins' | 'freeLogins'>;
  readonly lockRegistry: Pick<LockRegistry, 'all'>;
  /** Undefined if this controller cannot take logins off the broker. */
  readonly brokerLogins: BrokerLogins | undefined;
  /** How long a host's credential is good, and so how long a removed host must be refused. */
  readonly credentialLifeMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A credential that was issued by a clock that is ahead ends later by this. */
const CLOCKS_MS = 3_600_000;

/** An enforcer. Calls at one moment are done one after the other, so that the newest state is the last. */
export function loginEnforcer(deps: EnforcerDeps): LoginEnforcer {
  const { locks, lockRegistry, brokerLogins, credentialLifeMs, clock, log } = deps;
  let last: Promise<unknown> = Promise.resolve();
  const suspended = new Map<string, number>();
  const standing = (): ReadonlyMap<string, number> => {
    for (const [nkey, untilS] of suspended) if (untilS * 1000 <= clock.nowMs()) suspended.delete(nkey);
    return suspended;
  };
  const tell = async (): Promise<'changed' | 'later' | 'unable'> => {
    if (!brokerLogins) return 'unable';
    try {
      const outlivedMs = clock.nowMs() - credentialLifeMs - CLOCKS_MS;
      const locked = lockRegistry.all();
      const revoked = await locks.revokedLogins(outlivedMs, locked);
      const refused = new Map([...standing(), ...revoked]);
      const letBack = async (logins: RevokedLogins): Promise<ReadonlySet<string>> => {
        const free = await locks.freeLogins([...logins.keys()], locked);
        return new Set(
          [...logins].flatMap(([nkey, s]) => (s * 1000 <= outlivedMs || free.has(nkey) ? nkey : [])),
        );
      };
      if (await brokerLogins.enforce(refused, letBack))
        log.info({ revoked: refused.size }, 'the broker was told which logins to refuse');
      return 'changed';
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      log.warn({ code, reason: message }, 'the broker cannot be told which logins to refuse: trying again');
      return 'later';
    }
  };
  const enforce = (): ReturnType<typeof tell> => {
    const done = last.then(tell);
    last = done;
    return done;
  };
  return {
    enforce,
    suspend(nkey) {
      if (suspended.size < SUSPENDED_LIMIT)
        suspended.set(nkey, Math.floor(clock.nowMs() / 1000) + SUSPENSION_S);
      return enforce();
    },
  };
}

/** How often the controller compares what the broker refuses with what it must refuse. */
const COMPARE_MS = 30_000;

/** What {@link lockTask} works with. */
export interface LockTaskDeps {
  readonly lockRegistry: { refresh(): Promise<boolean> };
  readonly loginEnforcer: Pick<LoginEnforcer, 'enforce'>;
  readonly clock: Clock;
}

/**
 * A periodic task that adopts locks of other controllers at once, and has the broker refuse what it must:
 * after such a change, and every 30 seconds, because the broker may have been away or may have lost its
 * files.
 */
export function lockTask(): (deps: LockTaskDeps) => Promise<void> {
  let nextAtMs = 0;
  return async function keepLocks({ lockRegistry, loginEnforcer: enforcer, clock }) {
    const hasChanged = await lockRegistry.refresh();
    const nowMs = clock.nowMs();
    if (!hasChanged && nowMs < nextAtMs && nextAtMs - nowMs <= COMPARE_MS) return;
    const told = await enforcer.enforce();
    nextAtMs = nowMs + (told === 'later' ? 0 : COMPARE_MS);
  };
}
