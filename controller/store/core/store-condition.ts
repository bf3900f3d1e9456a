import type { Clock } from '../../../shared/clock/index.ts';
import type { FarcallError } from '../../../shared/errors/index.ts';
import type { Database } from './database.ts';

/** How the store is: `full` means that it can be read and not written, `away` neither. */
export type StoreState = 'ok' | 'full' | 'away' | 'failing';

/** How the store is, since when, and the error that says so. */
export interface StoreStatus {
  readonly state: StoreState;
  /** When it became so, in milliseconds since the epoch; undefined while all is well. */
  readonly sinceMs: number | undefined;
  readonly error: FarcallError | undefined;
}

/** Follows how the store is, by what becomes of the work that it is given. */
export interface StoreCondition {
  current(): StoreStatus;
  /** Calls `listener` whenever the state changes. */
  onChange(listener: (standing: StoreStatus, before: StoreState) => void): void;
  /** Notes an error of the store itself; errors of the work that it was given say nothing about it. */
  failed(error: FarcallError): void;
  /** Notes that the store could be read, or that a transaction was committed. */
  succeeded(what: 'read' | 'commit'): void;
}

/** How the store is, for those who only look. */
export interface StoreProbe extends Pick<StoreCondition, 'current' | 'onChange'> {
  /**
   * Writes something that changes nothing. Throws the error with which the store refuses it, or the one for
   * which it is still taken to be full.
   */
  check(): Promise<void>;
}

/** The condition of `database`, and a way to try it. */
export function storeProbe(condition: StoreCondition, database: Pick<Database, 'transact'>): StoreProbe {
  return {
    current: condition.current,
    onChange: condition.onChange,
    async check() {
      await database.transact(({ trx }) =>
        trx
          .updateTable('table_macs')
          .set(({ ref }) => ({ name: ref('name') }))
          .where('name', '=', 'leases')
          .execute(),
      );
      const { error } = condition.current();
      if (error) throw error;
    },
  };
}

const STATES: Readonly<Record<string, StoreState>> = {
  STORE_FULL: 'full',
  UNREACHABLE: 'away',
  STORE_FAILED: 'failing',
};

/**
 * So long after the last write that found the disk full, a commit is taken for the end of it. Before that, it
 * may only have fitted into what was left.
 */
const FULL_FOR_MS = 5000;

const WELL: StoreStatus = { state: 'ok', sinceMs: undefined, error: undefined };

/** A condition that begins with a store that is well. */
export function storeCondition(clock: Clock): StoreCondition {
  const listeners: ((standing: StoreStatus, before: StoreState) => void)[] = [];
  let standing = WELL;
  let lastFailureMs = 0;
  const become = (next: StoreStatus): void => {
    const before = standing.state;
    standing = next;
    if (next.state !== before) for (const listener of listeners) listener(next, before);
  };
  return {
    current: () => standing,
    onChange: listener => void listeners.push(listener),
    failed(error) {
      const state = STATES[error.code];
      if (state === undefined) return;
      lastFailureMs = clock.nowMs();
      if (state === standing.state) standing = { ...standing, error };
      else become({ state, sinceMs: lastFailureMs, error });
    },
    succeeded(what) {
      if (standing.state === 'ok') return;
      if (what === 'read' && standing.state !== 'away') return;
      if (standing.state === 'full' && clock.nowMs() - lastFailureMs < FULL_FOR_MS) return;
      become(WELL);
    },
  };
}
