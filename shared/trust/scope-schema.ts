import { z } from 'zod';
import { EFFECTS, fields, POLICIES } from '../messages/index.ts';

/** Most teams of a bundle, and most scopes. */
const TEAMS_LIMIT = 256;
const SCOPES_LIMIT = 1024;

/** A name, or a pattern of names: `*` stands for any characters, `?` for one. */
const pattern = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.*?-]+$/, 'a pattern is letters, digits, _ . - and the wildcards * and ?');

const teamSchema = z.strictObject({
  name: fields.principalName,
  members: z.array(fields.principalName).min(1).max(4096),
});

/**
 * What one person or team may ask for or approve. An absent member is no limit. A member without values
 * would be a right to nothing, and is refused.
 */
const scopeSchema = z.strictObject({
  may: z.enum(['request', 'approve']),
  /** Exactly one of `person` and `team`. */
  person: fields.principalName.optional(),
  team: fields.principalName.optional(),
  policies: z.array(z.enum(POLICIES)).min(1).max(POLICIES.length).optional(),
  effects: z.array(z.enum(EFFECTS)).min(1).max(EFFECTS.length).optional(),
  /** A selector over labels and names of hosts; no facts, because a host makes these statements itself. */
  hosts: z.string().min(1).max(4096).optional(),
  /** Patterns of the names of functions that a program calls; one of them must match each function. */
  functions: z.array(pattern).min(1).max(256).optional(),
});

/** Members of a bundle about teams and scopes; a bundle without them limits nobody. */
export const scopeMembers = {
  teams: z.array(teamSchema).min(1).max(TEAMS_LIMIT).optional(),
  scopes: z.array(scopeSchema).min(1).max(SCOPES_LIMIT).optional(),
};

/**
 * How many of a policy's approvals must come from which team: `{ "db": 1, "kernel": 1 }` is one of each, by
 * different people.
 */
export const seatsSchema = z
  .record(fields.principalName, z.int().min(1).max(64))
  .refine(seats => Object.keys(seats).length > 0, 'at least one team')
  .optional();

/** People under one name, for scopes and for seats. */
export type Team = z.infer<typeof teamSchema>;

/** What one person or team may ask for or approve. */
export type Scope = z.infer<typeof scopeSchema>;

/** What a {@link Scope} limits. */
export type ScopedRight = Scope['may'];
