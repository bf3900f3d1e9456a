import { parentPort } from 'node:worker_threads';
import { checkStatement, type StatementJob } from './statement.ts';

// One thread of the pool: takes a batch of statements, answers with their verdicts in the same order.
parentPort?.on('message', async ({ id, jobs }: { id: number; jobs: readonly StatementJob[] }) => {
  const verdicts = [];
  for (const job of jobs) verdicts.push(await checkStatement(job));
  parentPort?.postMessage({ id, verdicts });
});
