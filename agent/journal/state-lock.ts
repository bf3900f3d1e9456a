import { join } from 'node:path';
import { ProcessLock } from '../../shared/process-lock/index.ts';

const LOCK_FILE = 'lock';

/**
 * Holds the state directory for this process alone, until it is released. Throws CONFLICT if another process
 * has it, JOURNAL_FAILED if it cannot be taken.
 *
 * Threat: two agents with one journal would each find an order new, and run it twice.
 */
export function lockState(directory: string): ProcessLock {
  const held = `another agent uses ${directory}; only one may`;
  return ProcessLock.take(join(directory, LOCK_FILE), { held, failed: 'JOURNAL_FAILED' });
}
