export { type AnswerDeps, answerOrdersQuery } from './answer-orders-query.ts';
export { type ExpireDeps, expireOverdue } from './expire-overdue.ts';
export {
  type CommitResult,
  type CommittedResult,
  type GroupCommitDeps,
  groupCommit,
} from './group-commit.ts';
export { type PulseKeeper, type PulseKeeperDeps, pulseKeeper } from './pulse-keeper.ts';
export { type HelloDeps, receiveHello } from './receive-hello.ts';
export { type PulseDeps, receivePulse } from './receive-pulse.ts';
export { type ResultDeps, receiveResult } from './receive-result.ts';
