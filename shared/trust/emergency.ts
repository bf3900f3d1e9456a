import { z } from 'zod';
import { globMatches } from '../glob/index.ts';
import type { CallRequest } from '../messages/index.ts';
import type { TrustBundle } from './bundle.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Rules of a bundle for requests of the policy `emergency`, beside their thresholds. */
export const emergencySchema = z.strictObject({
  /** A pattern such as `INC-*`: a word of the request's reason must match it. Absent: none must. */
  ticket: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\w.*?#:/-]+$/, 'a pattern is letters, digits, _ . # : / - and the wildcards * and ?')
    .optional(),
  /** How long after its approval an emergency must be reviewed, in milliseconds. */
  reviewWithinMs: z
    .int()
    .min(HOUR_MS, 'at least one hour')
    .max(30 * DAY_MS, 'at most 30 days'),
  /** How many people who were not in it must review it. */
  reviewers: z.int().min(1).max(16),
});

/** Rules for requests of the policy `emergency`. */
export type EmergencyRules = z.infer<typeof emergencySchema>;

/**
 * The rules of a bundle that has thresholds for emergencies and no rules of its own: one review in 3 days.
 */
const DEFAULT_RULES: EmergencyRules = { reviewWithinMs: 3 * DAY_MS, reviewers: 1 };

/** The rules for emergencies under `bundle`. */
export function emergencyRules({ emergency }: Pick<TrustBundle, 'emergency'>): EmergencyRules {
  return emergency ?? DEFAULT_RULES;
}

/**
 * Why an emergency lacks a ticket, as the end of a sentence about its requester; undefined if the bundle asks
 * for none, if the reason names one, or if the request is no emergency.
 *
 * Threat: the smaller threshold of emergencies becomes the everyday way. So each emergency names what it was
 * for, before it runs, in the bytes that approvers sign; hosts look for it too.
 */
export function missingTicket(
  bundle: Pick<TrustBundle, 'emergency'>,
  { policy, reason }: Pick<CallRequest, 'policy' | 'reason'>,
): string | undefined {
  const { ticket } = emergencyRules(bundle);
  if (policy !== 'emergency' || ticket === undefined) return undefined;
  const words = reason.split(/[\s,;()[\]]+/).map(word => word.replace(/[.:!?]+$/, ''));
  if (words.some(word => globMatches(ticket, word))) return undefined;
  return `the reason of an emergency must name a ticket such as ${ticket}`;
}
