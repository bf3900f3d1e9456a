// Runs all tests: first what keeps every core busy by itself, then three streams side by side. One stream's tests wait a lot for
// servers and virtual machines, so that three of them share two cores better than one after the other.
//
//   node test/run.mjs             all tests
//   node test/run.mjs ARGUMENT…   one vitest with these arguments
//
// FARCALL_TEST_RESULTS names a directory for the JSON reports, one of each vitest.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Stages run one after the other, the streams of a stage side by side. A stream is a list of projects of vitest.config.ts. */
const STAGES = [[['unit']], [['kernel'], ['flow', 'browser'], ['machines']]];

const CONFIG = fileURLToPath(new URL('./vitest.config.ts', import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const RESULTS = process.env['FARCALL_TEST_RESULTS'];

async function main(given) {
  if (given.length > 0) return await vitest(given, 'some');
  let failed = false;
  for (const streams of STAGES) {
    const all = streams.map((projects, index) => stream(projects, index > 0));
    if ((await Promise.all(all)).includes(false)) failed = true;
  }
  return !failed;
}

/** Whether all tests of these projects passed; the output of a stream aside is shown when it has ended. */
async function stream(projects, isAside) {
  let passed = true;
  for (const project of projects)
    if (!(await vitest(['--project', project], project, isAside))) passed = false;
  return passed;
}

async function vitest(args, name, isAside = false) {
  const env = { ...process.env, ...(RESULTS && { FARCALL_TEST_RESULTS: join(RESULTS, `${name}.json`) }) };
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

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
