import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { EFFECTS, POLICIES, PROGRAM_LIMIT_BYTES } from '../../shared/messages/index.ts';

const pattern = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.*?-]+$/, 'a pattern is letters, digits, _ . - and the wildcards * and ?');

/** A name is allowed where an `allow` pattern matches it and no `deny` pattern does. */
const rulesSchema = z.strictObject({
  allow: z.array(pattern).max(1024).default(['*']),
  deny: z.array(pattern).max(1024).default([]),
});

const policySchema = z.strictObject({
  effects: z.array(z.enum(EFFECTS)).min(1, 'a host that allows no effect needs no agent'),
  functions: rulesSchema.prefault({}),
  modules: rulesSchema.prefault({}),
  longestTimeoutMs: z.int().min(1).max(3_600_000).default(30_000),
  largestProgramBytes: z.int().min(1).max(PROGRAM_LIMIT_BYTES).default(PROGRAM_LIMIT_BYTES),
  policies: z
    .array(z.enum(POLICIES))
    .min(1)
    .default([...POLICIES]),
});

/** Patterns of names. */
export type NameRules = z.infer<typeof rulesSchema>;

/** What the people who run this host allow on it, whatever was approved. */
export type HostPolicy = z.infer<typeof policySchema>;

/** The name under which rules know the kernel itself, beside the names of modules. */
export const KERNEL_ITSELF = 'vmlinux';

/**
 * The policy in `text`. Only `effects` must stand there; members that are missing allow what the protocol allows, with
 * 30 s as the longest run. Throws CONFIG_INVALID naming the member: a misspelt rule must not silently allow.
 */
export function parseHostPolicy(text: string, origin = 'policy'): HostPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${origin}: not JSON`, { cause });
  }
  const parsed = policySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FarcallError(
    'CONFIG_INVALID',
    `${origin}: ${issue?.path.join('.') || 'policy'}: ${issue?.message}`,
  );
}

/** The policy in the file `path`. */
export function readHostPolicy(path: string): HostPolicy {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the policy file ${path} cannot be read`, { cause });
  }
  return parseHostPolicy(text, path);
}
