export type { StatedFacts, StatedResult } from './statement.ts';
export { type StatementChecker, statementChecker } from './statement-pool.ts';
