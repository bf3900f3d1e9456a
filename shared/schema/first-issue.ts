import type { z } from 'zod';

/** What makes a value wrong, as zod says it. */
export type Issue = z.ZodError['issues'][number];

/**
 * A problem of a value, as text for people: `member.path: message`. If the value as a whole is wrong, `whole`
 * replaces the path.
 */
export function issueText(issue: Issue | undefined, whole: string): string {
  return `${issue?.path.join('.') || whole}: ${issue?.message ?? 'invalid'}`;
}

/** The first problem of a zod error, as {@link issueText}. */
export function firstIssue({ issues }: z.ZodError, whole: string): string {
  return issueText(issues[0], whole);
}
