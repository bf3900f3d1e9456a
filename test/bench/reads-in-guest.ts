import { spawn } from 'node:child_process';
import { openHostKernel } from '../../agent/host-kernel/index.ts';
import { runRead } from '../../agent/interpret/index.ts';

// Runs inside of a guest: starts some five hundred tasks, and reads the list of all of them again and again
// without a module. Prints milliseconds by what was done.

const TASKS = 500;
const RUNS = 25;
const WARM_UP = 10;
const PROGRAM = 'for_each_task (t) report(t->pid, t->comm, t->__state);';

const sleepers = Array.from({ length: TASKS }, () => spawn('sleep', ['1000'], { stdio: 'ignore' }));
const kernel = openHostKernel();
const times = { compile: [] as number[], read: [] as number[] };
let rows = 0;
for (let run = 0; run < RUNS + WARM_UP; run++) {
  const startedAt = performance.now();
  const call = kernel.compile(PROGRAM, 'farcall_bench');
  const compiledAt = performance.now();
  if (call.image) throw new Error('the program is not interpreted');
  using memory = kernel.openMemory();
  const report = await runRead(call, { memory, timeoutMs: 60_000 });
  const endedAt = performance.now();
  rows = report.rows?.length ?? 0;
  if (report.outcome !== 'returned' || rows < TASKS) throw new Error(`${report.outcome}, ${rows} tasks`);
  if (run < WARM_UP) continue;
  times.compile.push(compiledAt - startedAt);
  times.read.push(endedAt - compiledAt);
}
for (const sleeper of sleepers) sleeper.kill('SIGKILL');
process.stdout.write(JSON.stringify({ rows, ...times }));
