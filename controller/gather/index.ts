export {
  type AbortStatementWriter,
  type AbortStatementWriterDeps,
  abortStatementWriter,
} from './abort-statement-writer.ts';
export { type AnswerDeps, answerOrdersQuery } from './answer-orders-query.ts';
export { type ExpireDeps, expireOverdue } from './expire-overdue.ts';
export { FactChanges } from './fact-changes.ts';
export {
  type CommitResult,
  type CommittedResult,
  type GroupCommitDeps,
  groupCommit,
} from './group-commit.ts';
export { type HeartbeatWriter, type HeartbeatWriterDeps, heartbeatWriter } from './heartbeat-writer.ts';
export { CLOCK_WRONG_MS, type ClockOffset, HostClocks } from './host-clocks.ts';
export { type JournalWriter, journalWriter } from './journal-writer.ts';
export { type AbortStatementDeps, receiveAbortStatement } from './receive-abort-statement.ts';
export { type HeartbeatDeps, receiveHeartbeat } from './receive-heartbeat.ts';
export { type HelloDeps, receiveDeferredHellos, receiveHello } from './receive-hello.ts';
export { type ResultDeps, receiveResult } from './receive-result.ts';
