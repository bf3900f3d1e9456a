export { type HostStatementVerifier, hostStatementVerifier } from './host-statement-pool.ts';
export type { FactsStatement, ResultStatement } from './verify-stored-statement.ts';
