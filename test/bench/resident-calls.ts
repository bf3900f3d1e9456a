import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHostKernel } from '../../agent/host-kernel/index.ts';
import { ModuleLoader } from '../../agent/load/index.ts';

// Runs inside of a guest: the same call again and again from one process, as a running agent makes it, the
// next loader started ahead. Prints the times of each as JSON.

const RUNS = 25;
const WARM_UP = 5;

const program = process.argv[2]!;
const kernel = openHostKernel();
const directory = mkdtempSync(join(tmpdir(), 'farcall-bench-'));
const loader = new ModuleLoader({ arch: kernel.facts().arch, directory });
const times: object[] = [];
for (let run = 0; run < RUNS + WARM_UP; run++) {
  loader.prepare();
  await sleep(200);
  const startedAt = performance.now();
  const call = kernel.compiler.compile(program, `farcall_bench_${process.pid}_${run}`);
  const compileMs = performance.now() - startedAt;
  const { outcome, spawnUs, loadUs } = await loader.load(call, { timeoutMs: 30_000 });
  const totalMs = performance.now() - startedAt;
  if (outcome !== 'returned') throw new Error(`the call ended as ${outcome}`);
  if (run >= WARM_UP) times.push({ compileMs, spawnMs: spawnUs / 1000, loadMs: loadUs / 1000, totalMs });
}
loader.close();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(JSON.stringify(times));
