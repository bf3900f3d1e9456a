import type { AuditKind } from '../store/index.ts';

/** How much an entry matters to somebody who watches for attacks. */
export type Importance = 'alarm' | 'notable' | 'usual';

/** The kinds that are more than usual. An unknown kind counts as usual. */
const IMPORTANCE: Readonly<Partial<Record<AuditKind, Importance>>> = {
  'checkpoint-conflict': 'alarm',
  'emergency-begun': 'alarm',
  'emergency-overdue': 'alarm',
  'host-held': 'alarm',
  'lock-set': 'notable',
  'lock-ended': 'notable',
  'trust-accepted': 'notable',
  'host-enrolled': 'notable',
  'host-removal-signed': 'notable',
  'host-removed': 'notable',
  'host-labels-signed': 'notable',
  'host-labelled': 'notable',
  'host-accepted': 'notable',
  'rejection-added': 'notable',
  'abort-made': 'notable',
  'rollout-stopped': 'notable',
  'late-result': 'notable',
};

/** The importance of an entry of this kind. */
export function importanceOf(kind: string): Importance {
  return Object.hasOwn(IMPORTANCE, kind) ? (IMPORTANCE[kind as AuditKind] ?? 'usual') : 'usual';
}
