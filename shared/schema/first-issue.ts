import type { z } from 'zod';

/**
 * What a person must mend first, from an error of zod: `member.path: message`. Where the value as a whole is
 * wrong, `whole` stands for the path.
 */
export function firstIssue({ issues }: z.ZodError, whole: string): string {
  const issue = issues[0];
  return `${issue?.path.join('.') || whole}: ${issue?.message ?? 'invalid'}`;
}
