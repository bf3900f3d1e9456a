import { type ForgedRow, type StoreKey, type StoreParts, storeKey } from '../../controller/store/index.ts';
import type { Clock } from '../../shared/clock/index.ts';

/** The key of the MACs of all stores in tests. */
export const STORE_KEY: StoreKey = storeKey(new Uint8Array(32).fill(7), 'the site of tests');

/** What a store is opened with; rows that no controller wrote are added to `forged`. */
export function storeParts(clock: Clock, forged: ForgedRow[] = []): StoreParts {
  return { clock, key: STORE_KEY, reportForged: row => void forged.push(row) };
}
