export { StatementChecker } from './check-statement.ts';
