import type { z } from 'zod';
import { issueText } from './first-issue.ts';

/** Faults of one file that are listed; a file with more is another kind of file. */
const LISTED = 20;

/**
 * Every problem of a zod error, as text for people, so that a file is mended at once: a line for each, as
 * `file: member.path: message`, with the file in which
 * the member stands. If the value as a whole is wrong, `whole` replaces the path.
 */
export function allIssues(
  { issues }: z.ZodError,
  originOf: (path: readonly PropertyKey[]) => string,
  whole: string,
): string {
  const lines = issues.slice(0, LISTED).map(issue => `${originOf(issue.path)}: ${issueText(issue, whole)}`);
  if (issues.length > LISTED) lines.push(`${originOf([])}: ${issues.length - LISTED} more faults`);
  return [...new Set(lines)].join('\n');
}
