import type { z } from 'zod';
import { AUDIT_KINDS } from '../core/index.ts';

/**
 * The detail of an entry of the audit log about a lock or an enrolment; undefined if it is none.
 *
 * Threat: somebody who can write to the database adds an entry that cannot be read, so that locks are not
 * adopted any more, or the broker is not told which logins to refuse.
 */
export function detailOf<K extends 'lock-set' | 'host-enrolled'>(
  kind: K,
  text: string,
): z.infer<(typeof AUDIT_KINDS)[K]['detail']> | undefined {
  try {
    return AUDIT_KINDS[kind].detail.parse(JSON.parse(text)) as z.infer<(typeof AUDIT_KINDS)[K]['detail']>;
  } catch {
    return undefined;
  }
}
