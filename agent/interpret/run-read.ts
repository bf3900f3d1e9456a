import { setImmediate } from 'node:timers/promises';
import { type CompiledRead, type ReportedRows, rowsAreNotAll } from '../compiler/index.ts';
import type { KernelMemory } from '../kernel/index.ts';
import { classifyProgramEnd } from '../load/index.ts';
import type { LoadReport } from '../stages/index.ts';
import { PagedMemory } from './paged-memory.ts';
import { TimeSlice } from './time-slice.ts';

export interface RunReadOptions {
  /** The memory of the kernel that the program was compiled for. */
  readonly memory: KernelMemory;
  /** After this many milliseconds the program is stopped. */
  readonly timeoutMs: number;
}

/**
 * Runs a program that only reads, without a module, and reports its outcome in the same form as for a module.
 * It yields every few milliseconds. A program that takes too long is stopped for good: there is no late
 * outcome. Throws FarcallError if the memory cannot be read at all.
 */
export async function runRead(
  call: CompiledRead,
  { memory, timeoutMs }: RunReadOptions,
): Promise<LoadReport> {
  const paged = new PagedMemory(memory);
  const slice = new TimeSlice();
  using run = call.interpret(paged);
  while (!run.resume()) {
    if (slice.elapsedUs > timeoutMs * 1000) {
      return stopped(call.readReported(run.area), timeoutMs, slice.elapsedUs);
    }
    if (!slice.isOver) continue;
    await setImmediate();
    slice.renew();
  }
  return { ...classifyProgramEnd(run.area, call), kernelLog: [], spawnUs: 0, loadUs: slice.elapsedUs };
}

function stopped(reported: ReportedRows, timeoutMs: number, loadUs: number): LoadReport {
  const error = {
    code: 'CALL_TIMED_OUT',
    message: `the program was stopped after ${timeoutMs} ms; it only read${rowsAreNotAll(reported)}`,
  } as const;
  return { outcome: 'timed-out', error, ...reported, kernelLog: [], spawnUs: 0, loadUs };
}
