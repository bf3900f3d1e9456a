export { readStatement } from './read-statement.ts';
export { type SubmitStatementDeps, submitStatement } from './submit-statement.ts';
