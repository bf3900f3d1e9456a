import { parentPort } from 'node:worker_threads';
import { type HostStatementJob, verifyStoredStatement } from './verify-stored-statement.ts';

// One thread of the pool: takes a batch of statements, answers with their verdicts in the same order.
parentPort?.on('message', async ({ id, jobs }: { id: number; jobs: readonly HostStatementJob[] }) => {
  const verdicts = [];
  for (const job of jobs) verdicts.push(await verifyStoredStatement(job));
  parentPort?.postMessage({ id, verdicts });
});
