export { firstIssue } from './first-issue.ts';
