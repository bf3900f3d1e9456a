import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHostKernel } from '../../../agent/host-kernel/index.ts';
import { runRead } from '../../../agent/interpret/index.ts';
import { ModuleLoader } from '../../../agent/load/index.ts';
import type { LoadReport } from '../../../agent/stages/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import type { BothWays } from './both-ways.ts';

// Runs inside of a guest: interprets each program of a JSON list on standard input, then runs it as a module,
// and prints what came of both as JSON.

const programs: string[] = JSON.parse(readFileSync(0, 'utf8'));
const kernel = openHostKernel();
const directory = mkdtempSync(join(tmpdir(), 'farcall-test-'));
const loader = new ModuleLoader({ arch: kernel.arch, directory });
const tracedModules = traceModules();
const name = (index: number): string => `farcall_both_${process.pid}_${index}`;

async function main(): Promise<void> {
  const interpreted: BothWays['interpreted'][] = [];
  for (const [index, program] of programs.entries())
    interpreted.push(await attempt(() => interpretHere(program, index)));
  const loadedForReads = tracedModules();
  const results: BothWays[] = [];
  for (const [index, program] of programs.entries()) {
    const module = await attempt(() =>
      loader.load(kernel.compiler.compile(program, name(index)), { timeoutMs: DEADLINES.commandMs }),
    );
    results.push({ program, interpreted: interpreted[index]!, module });
  }
  loader.close();
  rmSync(directory, { recursive: true, force: true });
  process.stdout.write(JSON.stringify({ results, loadedForReads, loadedInAll: tracedModules() }));
}

async function interpretHere(program: string, index: number): Promise<LoadReport> {
  const call = kernel.compile(program, name(index));
  if (call.image) throw new FarcallError('INTERNAL', 'this program does not only read');
  using memory = kernel.openMemory();
  return await runRead(call, { memory, timeoutMs: DEADLINES.commandMs });
}

/** Lets the kernel write down which modules it loads; gives how many of ours it has since. */
function traceModules(): () => number {
  const tracing = '/sys/kernel/tracing';
  if (!existsSync(`${tracing}/events`)) spawnSync('mount', ['-t', 'tracefs', 'none', tracing]);
  writeFileSync(`${tracing}/trace`, '');
  writeFileSync(`${tracing}/events/module/module_load/enable`, '1');
  return () => readFileSync(`${tracing}/trace`, 'utf8').match(/module_load: farcall_both/g)?.length ?? 0;
}

async function attempt(run: () => Promise<LoadReport>): Promise<BothWays['module']> {
  try {
    const { late: _, ...report } = await run();
    return report;
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    return { outcome: 'error', error: { code: error.code, message: error.message } };
  }
}

void main();
