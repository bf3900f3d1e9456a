import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHostKernel } from '../../../agent/host-kernel.ts';
import { ModuleLoader } from '../../../agent/load/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';

// Runs inside of a guest: compiles and loads each program of a JSON list on standard input, through the very code that
// the agent uses, and prints what came of each as JSON.

const programs: string[] = JSON.parse(readFileSync(0, 'utf8'));
const kernel = openHostKernel();
const directory = mkdtempSync(join(tmpdir(), 'farcall-test-'));
const loader = new ModuleLoader({ arch: kernel.facts().arch, directory });
const results: unknown[] = [];
for (const [index, program] of programs.entries()) {
  try {
    const call = kernel.compiler.compile(program, `farcall_test_${process.pid}_${index}`);
    const { late: _, ...report } = await loader.load(call, { timeoutMs: 30_000 });
    results.push(report);
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    results.push({ outcome: 'error', code: error.code, message: error.message });
  }
}
loader.close();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ notes: kernel.notes, results }));
