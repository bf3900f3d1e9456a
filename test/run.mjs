// Runs all tests: first what keeps every core busy by itself, then two at a time. Such a test waits a lot for
// servers and virtual machines, so that two of them share two cores better than one after the other; three
// only make each other slower.
//
//   node test/run.mjs             all tests
//   node test/run.mjs ARGUMENT…   one vitest with these arguments
//
// FARCALL_TEST_RESULTS names a directory for the counts of test/counts-reporter.ts, a file for each vitest.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf } from './kit/cpu-seconds.ts';
import { OWN_MACHINES } from './own-machines.ts';

/** What one vitest runs: a project of vitest.config.ts, or one file of it. */
const project = name => ({ name, args: ['--project', name] });
const machines = file => ({
  name: `machines-${basename(file, '.test.ts')}`,
  args: ['--project', 'machines', file],
});

/**
 * Stages run one after the other. In each, whatever is next begins as soon as fewer than `atOnce` run: what
 * takes longest first.
 */
const STAGES = [
  { atOnce: 1, jobs: [project('unit')] },
  {
    atOnce: 2,
    jobs: [project('kernel'), project('flow'), ...OWN_MACHINES.map(machines), project('browser')],
  },
];

const CONFIG = fileURLToPath(new URL('./vitest.config.ts', import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const GIVEN = process.env['FARCALL_TEST_RESULTS'];
const RESULTS = GIVEN ?? mkdtempSync(join(tmpdir(), 'farcall-results-'));
const DEAREST = 10;

async function main(given) {
  if (given.length > 0) return await vitest(given, 'some');
  let passed = true;
  for (const { atOnce, jobs } of STAGES) {
    const waiting = jobs.entries();
    const work = async () => {
      for (const [index, { name, args }] of waiting)
        if (!(await vitest(args, name, index > 0))) passed = false;
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
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

/** Says where the minutes went: what a file cost counts the processes that it started. */
function showCosts(since) {
  const costs = readdirSync(RESULTS).flatMap(
    name => JSON.parse(readFileSync(join(RESULTS, name), 'utf8')).costs,
  );
  const known = costs.filter(({ cpuSeconds }) => cpuSeconds !== undefined);
  const dearest = known.sort((a, b) => b.cpuSeconds - a.cpuSeconds).slice(0, DEAREST);
  console.log(
    `\n${minutes(cpuSecondsOf(process.pid))} CPU-minutes in ${minutes((Date.now() - since) / 1000)} minutes. The dearest files:`,
  );
  console.log('CPU s  wall s');
  for (const { file, cpuSeconds, wallSeconds } of dearest)
    console.log(`${column(cpuSeconds)}  ${column(wallSeconds)}  ${file}`);
}

const minutes = seconds => (seconds / 60).toFixed(1);
const column = seconds => seconds.toFixed(1).padStart(6);

const since = Date.now();
process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
showCosts(since);
if (!GIVEN) rmSync(RESULTS, { recursive: true });
