import type { CompiledModule } from '../../../agent/compiler/index.ts';
import { classifyProgramEnd } from '../../../agent/load/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Guest } from './guest.ts';
import type { RawReport } from './guest-orders.ts';
import type { GuestStep, Need, ProgramResult, ProgramStep } from './programs-in-guest.ts';

/** The guest that a step is taken in. */
export interface StepPlace {
  readonly guest: Guest;
  /** Which step this is: no two modules have the same name. */
  readonly index: number;
}

/** Takes one step in a guest. Rejects only where the guest itself fails. */
export async function runStep(step: GuestStep, place: StepPlace): Promise<ProgramResult> {
  if (typeof step === 'string') return await runProgram({ program: step }, place);
  if ('program' in step) return await runProgram(step, place);
  if ('plan' in step) {
    const output = await (await place.guest.agent()).ask({ do: 'plan', program: step.plan });
    return { outcome: 'planned', output, kernelLog: [] };
  }
  if ('file' in step) {
    const loader = await place.guest.loader();
    const output = await loader.ask({ do: 'read', path: step.file });
    return output === null
      ? { outcome: 'no such file', kernelLog: [] }
      : { outcome: 'exited with 0', output, kernelLog: [] };
  }
  const { exitCode, stdout, stderr } = await place.guest.machine.run(step.command);
  return { outcome: `exited with ${exitCode}`, output: `${stdout}${stderr}`, kernelLog: [] };
}

async function runProgram(step: ProgramStep, place: StepPlace): Promise<ProgramResult> {
  const lacking = await firstLacking(step.needs ?? [], place);
  if (lacking) return lacks(Object.entries(lacking)[0]!.join(' '));
  if (step.by) {
    const agent = await place.guest.agent();
    const result = await agent.ask({ do: 'program', step, name: moduleName(place) });
    return lacksData(result) ? lacks('symbols of data') : result;
  }
  if (!step.program.includes('$CHILD')) return await compileAndLoad(step, place);
  const loader = await place.guest.loader();
  const child = await loader.ask({ do: 'child' });
  const program = step.program.replaceAll('$CHILD', String(child));
  const result = await compileAndLoad({ ...step, program }, place);
  await loader.ask({ do: 'end-child' });
  return result;
}

async function compileAndLoad(step: ProgramStep, place: StepPlace): Promise<ProgramResult> {
  const kernel = await place.guest.kernel();
  const program = step.program.replaceAll('$PAGE_KIB', String(kernel.pageKib));
  try {
    const { call, declared } = kernel.compile({ ...step, program }, moduleName(place));
    const image = Buffer.from(call.image).toString('base64');
    const loader = await place.guest.loader();
    const report = await loader.ask({ do: 'load', image, resultBytes: call.resultBytes });
    return { ...readReport(report, call), ...(declared.length > 0 ? { declared } : {}) };
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    if (lacksData(error)) return lacks('symbols of data');
    return { outcome: 'error', code: error.code, message: error.message, kernelLog: [] };
  }
}

/** Reads the result area, as the agent does after a load. */
function readReport({ area, ...report }: RawReport, call: CompiledModule): ProgramResult {
  if (area === undefined) return report;
  const { kernelLog } = report;
  const bytes = Buffer.alloc(call.resultBytes);
  bytes.write(area, 'base64');
  return { kernelLog, ...classifyProgramEnd(bytes, call) };
}

async function firstLacking(needs: readonly Need[], place: StepPlace): Promise<Need | undefined> {
  for (const need of needs) {
    const { has } = await place.guest.kernel();
    if (!(has(need) ?? (await canBeLoaded(need, place)))) return need;
  }
  return undefined;
}

async function canBeLoaded(need: Need, { guest }: StepPlace): Promise<boolean> {
  if (!('module' in need)) throw new Error(`nobody knows whether the kernel has ${JSON.stringify(need)}`);
  const command = ['modprobe', '-n', need.module];
  return (await guest.machine.run(command)).exitCode === 0;
}

/**
 * Whether a program was refused for a variable that this kernel has and does not tell of: without
 * CONFIG_KALLSYMS_ALL only functions have symbols.
 */
function lacksData({ code, message }: Pick<ProgramResult, 'code' | 'message'>): boolean {
  return code === 'SYMBOL_UNKNOWN' && message!.includes('this kernel tells no variables');
}

const lacks = (message: string): ProgramResult => ({ outcome: 'lacks', message, kernelLog: [] });

const moduleName = ({ index }: StepPlace): string => `farcall_test_${process.pid}_${index}`;
