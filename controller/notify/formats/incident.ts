import type { EventKind } from '../kinds/index.ts';
import { type EventMessage, requestOf } from './format.ts';

/** What pagers do on an event: wake somebody, note that people are at it, or take it back. */
export type PagerAction = 'trigger' | 'acknowledge' | 'resolve';

const ACTIONS = {
  'rollout-stopped': 'trigger',
  'request-expired': 'trigger',
  'emergency-begun': 'trigger',
  'emergency-overdue': 'trigger',
  'checkpoint-conflict': 'trigger',
  'rollout-resumed': 'resolve',
  'rollout-retried': 'resolve',
  'emergency-reviewed': 'resolve',
  'request-finished': 'resolve',
  'request-aborted': 'resolve',
} as const satisfies Partial<Record<EventKind, PagerAction>>;

/** The kinds of events that pagers can be sent. All others wake nobody. */
export const PAGER_KINDS = Object.keys(ACTIONS) as readonly (keyof typeof ACTIONS)[];

/** What a pager does on this event. One that wakes nobody is noted. */
export function pagerActionOf({ type, data }: EventMessage): PagerAction {
  // An emergency is over when enough people have reviewed it.
  if (type === 'emergency-reviewed' && data['enough'] !== true) return 'acknowledge';
  return (ACTIONS as Partial<Record<EventKind, PagerAction>>)[type] ?? 'acknowledge';
}

/** The name under which a pager keeps what belongs together: one incident for each request. */
export function incidentOf(message: EventMessage): string {
  return `farcall-${requestOf(message) ?? message.type}`;
}
