// Runs all tests, two vitests at a time. A vitest with virtual machines keeps one core busy. With more of
// them at once each takes more CPU time, too, since the emulated CPUs of a machine wait for each other.
//
//   node test/run.mjs             all tests
//   node test/run.mjs --quick     those that need neither a virtual machine nor a browser
//   node test/run.mjs ARGUMENT…   one vitest with these arguments
//
// It ends with the files that cost most. FARCALL_TEST_RESULTS names a directory for the counts of
// test/counts-reporter.ts, a file for each vitest.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Projects of vitest.config.ts, a vitest each. What takes longest begins first, so that no core waits for it
 * in the end.
 */
const QUICK = ['flow', 'unit'];
const ALL = ['kernel', 'machines', 'flow', 'unit', 'browser'];
const AT_ONCE = 2;

const CONFIG = fileURLToPath(new URL('./vitest.config.ts', import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const GIVEN = process.env['FARCALL_TEST_RESULTS'];
const RESULTS = GIVEN ?? mkdtempSync(join(tmpdir(), 'farcall-results-'));
const DEAREST = 10;

async function main(given) {
  if (given.length === 0) return await runAll(ALL);
  if (given[0] === '--quick') return await runAll(QUICK);
  return await vitest(given, 'some');
}

/** Whether all passed; each begins as soon as fewer than `AT_ONCE` run. */
async function runAll(projects) {
  let passed = true;
  const waiting = projects.entries();
  const work = async () => {
    for (const [index, name] of waiting)
      if (!(await vitest(['--project', name], name, index > 0))) passed = false;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return passed;
}

/** Whether all tests passed. The output of what runs aside is shown when it has ended. */
async function vitest(args, name, isAside = false) {
  const env = { ...process.env, FARCALL_TEST_RESULTS: join(RESULTS, `${name}.json`) };
  const command = [VITEST, 'run', '--config', CONFIG, ...args];
  const child = spawn(process.execPath, command, {
    env,
    stdio: isAside ? ['ignore', 'pipe', 'pipe'] : 'inherit',
  });
  const chunks = [];
  child.stdout?.on('data', chunk => chunks.push(chunk));
  child.stderr?.on('data', chunk => chunks.push(chunk));
  const [code] = await once(child, 'close');
  process.stdout.write(Buffer.concat(chunks));
  return code === 0;
}

/** Says where the minutes went. What a file cost counts the processes that it started. */
function showCosts(since) {
  const counts = readdirSync(RESULTS).map(name => JSON.parse(readFileSync(join(RESULTS, name), 'utf8')));
  const costs = counts.flatMap(each => each.costs).filter(({ cpuSeconds }) => cpuSeconds !== undefined);
  const own = counts.reduce((sum, { ownCpuSeconds }) => sum + ownCpuSeconds, 0);
  const total = costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, own);
  const wall = (Date.now() - since) / 1000;
  console.log(`\n${minutes(total)} CPU-minutes in ${minutes(wall)} minutes. The dearest files:`);
  console.log('CPU s  wall s');
  const dearest = costs.sort((a, b) => b.cpuSeconds - a.cpuSeconds).slice(0, DEAREST);
  for (const { file, cpuSeconds, wallSeconds } of dearest)
    console.log(`${column(cpuSeconds)}  ${column(wallSeconds)}  ${file}`);
}

const minutes = seconds => (seconds / 60).toFixed(1);
const column = seconds => seconds.toFixed(1).padStart(6);

const since = Date.now();
process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
showCosts(since);
if (!GIVEN) rmSync(RESULTS, { recursive: true });
