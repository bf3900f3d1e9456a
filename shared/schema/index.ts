export { allIssues } from './all-issues.ts';
export { firstIssue } from './first-issue.ts';
