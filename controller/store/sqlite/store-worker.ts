import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './open-database.ts';
import { type StatementResult, statementRunner } from './run-statement.ts';
import type { ThreadAnswer, ThreadInput, ThreadTask } from './store-thread.ts';
import { packError } from './thread-errors.ts';

// The thread that has the SQLite file of a store open. It runs one statement after the other, in the order in
// which they come, and answers each.

const { path, key } = workerData as ThreadInput;
const answer = (message: ThreadAnswer): void => parentPort?.postMessage(message);

const opened = attempt(() => openDatabase(path, key));
if ('failed' in opened) answer({ id: 0, failed: packError(opened.failed) });
else serve(opened.value);

function serve(database: DatabaseSync): void {
  const run = statementRunner(database);
  parentPort?.on('message', (task: ThreadTask) => {
    if (task.kind === 'close') {
      database.close();
      // Nothing else keeps the thread: it ends.
      return parentPort?.close();
    }
    const result = attempt<StatementResult>(() => run(task));
    answer(
      'failed' in result
        ? { id: task.id, failed: packError(result.failed) }
        : { id: task.id, result: result.value },
    );
  });
  answer({ id: 0, result: { rows: [] } });
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly failed: unknown } {
  try {
    return { value: work() };
  } catch (failed) {
    return { failed };
  }
}
