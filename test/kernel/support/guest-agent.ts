import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withOwnLibrary } from '../../../agent/cli/own-library.ts';
import { planText } from '../../../agent/cli/plan-text.ts';
import type { CompiledModule, CompiledRead } from '../../../agent/compiler/index.ts';
import { openHostKernel } from '../../../agent/host-kernel/index.ts';
import { runRead } from '../../../agent/interpret/index.ts';
import { ModuleLoader } from '../../../agent/load/index.ts';
import type { LoadReport } from '../../../agent/stages/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import { compileStep, digestOfStep } from './compile-step.ts';
import type { KernelThere, Orders } from './guest-orders.ts';
import type { ProgramResult } from './programs-in-guest.ts';
import { flush, serveOrders } from './serve-orders.ts';

// Runs in a guest: reads its kernel as the agent does, compiles there, and runs what it has compiled.

const kernel = openHostKernel();
const directory = mkdtempSync(join(tmpdir(), 'farcall-test-'));
const loader = new ModuleLoader({ arch: kernel.arch, directory, openMemory: () => kernel.openMemory() });

/** The program has no pointers to functions. */
const NO_POINTERS = { module: () => false, function: () => false };

/** A plan loads nothing, so all may have the same name. */
const PLANNED = { moduleName: 'farcall_test_plan', timeoutMs: DEADLINES.commandMs };

function readKernel(): KernelThere {
  const { vermagic, moduleLayoutCrc, kcfiInitHash } = kernel.recordBuild(
    '1',
    'farcall_test_facts',
    NO_POINTERS,
  ).facts;
  const smaps = readFileSync('/proc/self/smaps', 'utf8');
  return {
    abi: { vermagic, moduleLayoutCrc, kcfiInitHash },
    pageKib: Number(/^KernelPageSize: +(\d+) kB$/m.exec(smaps)![1]),
    typesOf: readdirSync('/sys/kernel/btf'),
  };
}

async function runProgram({ step, name }: Orders['program']): Promise<ProgramResult> {
  try {
    if (step.by === 'agent') return await run(kernel.compile(withOwnLibrary(step.program), name));
    const { call, declared } = compileStep(kernel.compiler, step, name);
    return { ...(await run(call)), ...(declared.length > 0 ? { declared } : {}) };
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    return { outcome: 'error', code: error.code, message: error.message, kernelLog: [] };
  }
}

async function run(call: CompiledModule | CompiledRead): Promise<Omit<LoadReport, 'late'>> {
  if (call.image) {
    const { late: _, ...report } = await loader.load(call, { timeoutMs: DEADLINES.commandMs });
    return report;
  }
  using memory = kernel.openMemory();
  return await runRead(call, { memory, timeoutMs: DEADLINES.commandMs });
}

async function main(): Promise<void> {
  await serveOrders<'kernel' | 'compile' | 'program' | 'plan' | 'flush'>({
    flush,
    kernel: async () => readKernel(),
    compile: async ({ step }) => digestOfStep(kernel.compiler, step),
    program: runProgram,
    plan: async ({ program }) => planText(await kernel.plan(program, PLANNED)),
  });
  loader.close();
  rmSync(directory, { recursive: true, force: true });
}

void main();
