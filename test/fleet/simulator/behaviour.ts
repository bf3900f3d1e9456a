import { setTimeout as delay } from 'node:timers/promises';
import type { LoadReport } from '../../../agent/stages/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { RETURNED } from '../../agent/support/stand-in-stages.ts';

/**
 * How a simulated host behaves; all of its agent is real but for what its kernel does.
 *
 * - `fast` returns at once, `slow` after a while, `stuck` never: kill its worker to make it `unknown`.
 * - `refusing` has a policy that forbids calls; `load-error` a kernel that takes no module; `faulting` one in
 *   which it faults.
 * - `offline` is not started before it is woken; `flapping` stops and starts again and again.
 */
export const BEHAVIOURS = [
  'fast',
  'slow',
  'stuck',
  'refusing',
  'load-error',
  'faulting',
  'offline',
  'flapping',
] as const;

/** One of {@link BEHAVIOURS}. */
export type Behaviour = (typeof BEHAVIOURS)[number];

const SLOW_MS = 1500;

/** What the kernel of such a host makes of a module. */
export async function loadAs(behaviour: Behaviour): Promise<LoadReport> {
  if (behaviour === 'slow') await delay(SLOW_MS);
  if (behaviour === 'stuck') await new Promise<never>(() => undefined);
  if (behaviour === 'load-error')
    throw new FarcallError('MODULE_REFUSED', 'this simulated kernel takes no module');
  if (behaviour === 'faulting')
    return {
      ...{ outcome: 'faulted', kernelLog: [], spawnUs: 10, loadUs: 20 },
      error: { code: 'CALL_FAULTED', message: 'this simulated kernel has nothing at 0x10' },
    };
  return RETURNED;
}
