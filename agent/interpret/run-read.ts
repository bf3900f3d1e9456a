import { setImmediate } from 'node:timers/promises';
import type { CompiledRead } from '../compiler/index.ts';
import type { KernelMemory } from '../kernel/index.ts';
import { classifyProgramEnd } from '../load/index.ts';
import type { LoadReport } from '../stages/index.ts';
import { PagedMemory } from './paged-memory.ts';
import { TimeSlice } from './time-slice.ts';

/** What {@link runRead} is told. */
export interface RunReadOptions {
  /** The memory of the kernel that the program was compiled for. */
  readonly memory: KernelMemory;
  /** After this many milliseconds the program is stopped. */
  readonly timeoutMs: number;
}

/**
 * Runs a program that only reads, without a module, and reports what came of it in the very form that a module's report
 * has. Others may run meanwhile: it gives way every few milliseconds. One that takes too long is stopped, and is over
 * then: there is no late end. Throws FarcallError if the memory cannot be read at all.
 */
export async function runRead(
  call: CompiledRead,
  { memory, timeoutMs }: RunReadOptions,
): Promise<LoadReport> {
  const paged = new PagedMemory(memory);
  const breaths = new TimeSlice();
  const run = call.interpret(paged);
  for (;;) {
    const { done, value: area } = run.next();
    if (done)
      return { ...classifyProgramEnd(area, call), kernelLog: [], spawnUs: 0, loadUs: breaths.elapsedUs };
    if (breaths.elapsedUs > timeoutMs * 1000) return stopped(timeoutMs, breaths.elapsedUs);
    if (!breaths.isDue) continue;
    await setImmediate();
    paged.refresh();
    breaths.taken();
  }
}

function stopped(timeoutMs: number, loadUs: number): LoadReport {
  const error = {
    code: 'CALL_TIMED_OUT',
    message: `the program was stopped after ${timeoutMs} ms; it only read`,
  } as const;
  return { outcome: 'timed-out', error, kernelLog: [], spawnUs: 0, loadUs };
}
