import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHostKernel } from '../../agent/host-kernel/index.ts';
import { runRead } from '../../agent/interpret/index.ts';

// Runs inside of a guest: starts some five hundred tasks, and reads the list of all of them again and again
// without a module; walks ten thousand dentries; turns a loop as often as fuel allows. Prints milliseconds by
// what was done.

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

const DENTRIES = 10_000;
const FEW_RUNS = 5;
/** Children of a dentry, since 6.8 and before. */
const WALKS = [
  'for (struct hlist_node *p = d->d_children.first; p; p = p->next) { auto c = container_of(p, struct dentry, d_sib); n += c->d_name.name[0] != 0; } n',
  'for (struct list_head *p = d->d_subdirs.next; p != &d->d_subdirs; p = p->next) { auto c = container_of(p, struct dentry, d_child); n += c->d_name.name[0] != 0; } n',
];
const directory = mkdtempSync(join(tmpdir(), 'farcall-bench-'));
for (let index = 0; index < DENTRIES; index++) mkdirSync(join(directory, `entry-${index}`));
process.chdir(directory);

function firstThatCompiles(programs: readonly string[]): string {
  for (const program of programs) {
    try {
      kernel.compile(program, 'farcall_bench');
      return program;
    } catch {
      // Another kernel's.
    }
  }
  throw new Error('no walk is for this kernel');
}

async function timesOf(program: string): Promise<{ readonly text: string; readonly times: number[] }> {
  const measured: number[] = [];
  let text = '';
  for (let run = 0; run < FEW_RUNS; run++) {
    const startedAt = performance.now();
    const call = kernel.compile(program, 'farcall_bench');
    if (call.image) throw new Error('the program is not interpreted');
    using memory = kernel.openMemory();
    const report = await runRead(call, { memory, timeoutMs: 60_000 });
    measured.push(performance.now() - startedAt);
    text = report.value?.text ?? `${report.outcome}: ${report.error?.message}`;
  }
  return { text, times: measured };
}

const start = `long n = 0; struct dentry *d = find_task(${process.pid})->fs->pwd.dentry; `;
const walk = await timesOf(firstThatCompiles(WALKS.map(each => start + each)));
if (walk.text !== `(long)${DENTRIES}`) throw new Error(`the walk of dentries: ${walk.text}`);
const loop = await timesOf('long n = 0; for (int i = 0; i < 9999999; i++) n += i; n');
if (loop.text !== '(long)49999985000001') throw new Error(`the loop: ${loop.text}`);
process.stdout.write(JSON.stringify({ rows, ...times, dentries: walk.times, loop: loop.times }));
