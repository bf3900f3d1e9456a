import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  bootMachine,
  CODE_CACHES,
  ensureKernel,
  type Machine,
  type RunResult,
  sharedMachine,
} from '../../../tools/machine/index.ts';
import { buildShapesModule } from '../shapes/index.ts';
import { guestScript } from '../support/guest-script.ts';
import {
  type CompiledTwice,
  type GuestStep,
  type ProgramResult,
  runPrograms,
} from '../support/programs-in-guest.ts';
import { type Case, CaseResults } from './case.ts';
import { DECLARATIONS } from './declarations.ts';
import { callsFromCommandLine, type SuiteKernel } from './kernels.ts';
import { MODULE_FILE } from './shapes.ts';

const AGENT = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));

/** How many references there are to a task that lives as long as the kernel. */
const USAGE: GuestStep = { program: 'find_task(2)->usage.refs.counter', by: 'guest' };

/** What came of the whole suite on one kernel. */
export interface SuiteRun {
  readonly results: readonly CaseResults[];
  /** Programs that were compiled outside of the guest and in it. */
  readonly compiledTwice: readonly CompiledTwice[];
  /** References to a task before and after everything. */
  readonly usage: readonly [before: ProgramResult, after: ProgramResult];
  /** What the kernel logged meanwhile. */
  readonly kernelLog: string;
  /** /proc/modules afterwards. */
  readonly modules: string;
  /**
   * `farcall-agent call` with rows, and with a precondition that does not hold; undefined where it is not
   * called.
   */
  readonly commands: readonly [rows: RunResult, skipped: RunResult] | undefined;
  readonly times: { readonly bootMs: number; readonly runMs: number };
}

/** Boots the kernel, or takes the machine that others share, and does all that `cases` want done. */
export async function runSuite(kernel: SuiteKernel, cases: readonly Case[]): Promise<SuiteRun> {
  if (kernel.flavour !== 'cloud') return runOn(kernel, await sharedMachine(kernel.series, kernel), cases);
  const hostPaths = ['/usr/bin/chrt', ...(existsSync(CODE_CACHES) ? [CODE_CACHES] : [])];
  const booting = { kernel: await ensureKernel(kernel.series, kernel), hostPaths };
  await using machine = await bootMachine(booting);
  return await runOn(kernel, machine, cases);
}

async function runOn(kernel: SuiteKernel, machine: Machine, cases: readonly Case[]): Promise<SuiteRun> {
  const startedAt = performance.now();
  await machine.writeFile(MODULE_FILE, await readFile(await buildShapesModule(machine)));
  const logBefore = await machine.output(['dmesg']);
  const steps = cases.flatMap(each => Object.values(each.steps)).map(withDeclarations);
  const { results, compiledTwice } = await runPrograms(machine, [USAGE, ...steps, USAGE]);
  const log = await machine.output(['dmesg']);
  const commands = callsFromCommandLine(kernel) ? await callFromCommandLine(machine) : undefined;
  return {
    results: resultsByCase(cases, results.slice(1, -1)),
    compiledTwice,
    usage: [results[0]!, results.at(-1)!],
    kernelLog: log.startsWith(logBefore) ? log.slice(logBefore.length) : log,
    modules: await machine.output(['cat', '/proc/modules']),
    commands,
    times: { bootMs: machine.bootMs, runMs: performance.now() - startedAt },
  };
}

function withDeclarations(step: GuestStep): GuestStep {
  if (typeof step === 'string') return { program: step, declare: DECLARATIONS };
  return !('program' in step) ? step : { ...step, declare: { ...DECLARATIONS, ...step.declare } };
}

async function callFromCommandLine(machine: Machine): Promise<[RunResult, RunResult]> {
  const agent = await guestScript(machine, AGENT);
  const call = (program: string): Promise<RunResult> => machine.run([...agent, 'call', program]);
  return [
    await call('for_each_task (t) if (t->pid < 3) report(t->comm, t->pid);'),
    await call('report(1); long y = 5; int x = y; require(x == 1);'),
  ];
}

function resultsByCase(cases: readonly Case[], results: readonly ProgramResult[]): CaseResults[] {
  let at = 0;
  return cases.map(({ steps }) => {
    const own = Object.keys(steps).map(name => [name, results[at++]!] as const);
    return new CaseResults(Object.fromEntries(own));
  });
}
