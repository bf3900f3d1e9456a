import type { z } from 'zod';

/**
 * The first problem of a zod error, as text for people: `member.path: message`. If the value as a whole is
 * wrong, `whole` replaces the path.
 */
export function firstIssue({ issues }: z.ZodError, whole: string): string {
  const issue = issues[0];
  return `${issue?.path.join('.') || whole}: ${issue?.message ?? 'invalid'}`;
}
