import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHostKernel } from '../../../agent/host-kernel.ts';
import { ModuleLoader } from '../../../agent/load/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { GuestStep } from './programs-in-guest.ts';

// Runs inside of a guest: takes each step of a JSON list on standard input, programs through the very code that the agent
// uses, and prints what came of each as JSON.

const steps: GuestStep[] = JSON.parse(readFileSync(0, 'utf8'));
const kernel = openHostKernel();
const directory = mkdtempSync(join(tmpdir(), 'farcall-test-'));
const loader = new ModuleLoader({ arch: kernel.facts().arch, directory });
const results: unknown[] = [];
for (const [index, step] of steps.entries()) {
  results.push(typeof step === 'string' ? await runProgram(step, index) : runCommand(step.command));
}
loader.close();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ notes: kernel.notes, results }));

async function runProgram(text: string, index: number): Promise<unknown> {
  const child = text.includes('$CHILD') ? spawn('sleep', ['1000'], { stdio: 'ignore' }) : undefined;
  try {
    const program = text.replaceAll('$CHILD', String(child?.pid));
    const call = kernel.compiler.compile(program, `farcall_test_${process.pid}_${index}`);
    const { late: _, ...report } = await loader.load(call, { timeoutMs: 30_000 });
    return report;
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    return { outcome: 'error', code: error.code, message: error.message };
  } finally {
    child?.kill('SIGKILL');
  }
}

function runCommand([program, ...args]: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8' });
  return { outcome: `exited with ${status}`, output: `${stdout}${stderr}` };
}
