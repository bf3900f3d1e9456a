import { type FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { OutcomeError } from '../../shared/messages/index.ts';
import { type CompiledModule, REPLY_HEADER_BYTES } from '../compiler/index.ts';
import type { LoadReport } from '../stages/index.ts';
import { type LoadRefusalContext, loadRefusal } from './load-refusal.ts';
import type { LoaderExit } from './loader-process.ts';

/**
 * -EINPROGRESS, which our init functions return so that the kernel throws the module away again. One whose
 * denies stay returns 0.
 */
const EINPROGRESS = 115;

/** The part of a report that follows from the loader's exit; the caller adds the log and the times. */
export type LoadVerdict = Pick<
  LoadReport,
  'outcome' | 'value' | 'error' | 'loaderErrno' | 'rows' | 'droppedRows' | 'writes' | 'writesMissed' | 'stays'
> & {
  readonly loadUs: number;
};

/**
 * What a loader's exit means for the call. A loader that died without a reply was killed in the kernel: this
 * is how an oops shows (make_task_dead, kernel/exit.c, v6.12).
 */
export function classifyLoaderExit(
  end: LoaderExit,
  call: CompiledModule,
  context: LoadRefusalContext,
): LoadVerdict {
  if (end.reply.length < REPLY_HEADER_BYTES + call.resultBytes) return silentEnd(end);
  const answer = Number(end.reply.readBigInt64LE(0));
  const loadUs = Math.round(Number(end.reply.readBigUInt64LE(8)) / 1000);
  const stays = answer === 0 && call.denies.length > 0;
  if (answer !== -EINPROGRESS && !stays) return { ...refusal(-answer, context), loadUs };
  const verdict = classifyProgramEnd(end.reply.subarray(REPLY_HEADER_BYTES), call);
  return { ...verdict, loadUs, ...(stays && { stays }) };
}

/** The end of a call by the contents of its result area. */
export function classifyProgramEnd(
  area: Uint8Array,
  call: Pick<CompiledModule, 'readResult'>,
): Omit<LoadVerdict, 'loadUs'> {
  try {
    const end = call.readResult(area);
    const { rows, droppedRows, writes, writesMissed } = end;
    const did = { rows, droppedRows, writes, writesMissed };
    if (end.kind === 'returned') return { outcome: 'returned', value: end.value, ...did };
    return { outcome: end.kind, error: outcomeError(end.error), ...did };
  } catch (thrown) {
    // The call ran. Even if its result is unusable, the outcome must not say that nothing was done.
    return { outcome: 'faulted', error: outcomeError(toFarcallError(thrown, 'LOADER_FAILED')) };
  }
}

function refusal(errno: number, context: LoadRefusalContext): Omit<LoadVerdict, 'loadUs'> {
  return { outcome: 'load-error', error: loadRefusal(errno, context), loaderErrno: errno };
}

function silentEnd({ signal, exitCode }: LoaderExit): LoadVerdict {
  const how = signal ? `was killed by ${signal}` : `exited with ${exitCode}`;
  const message = `the loader ${how} while it was in the kernel; if the kernel log shows an oops, the call caused it`;
  return { outcome: 'faulted', error: { code: 'CALL_FAULTED', message }, loadUs: 0 };
}

/** `error` in the form of a result. */
export function outcomeError({ code, message, location }: FarcallError): OutcomeError {
  return location ? { code, message, line: location.line, column: location.column } : { code, message };
}

/** A module, and how to look which of farcall's are in the kernel now. */
export interface LoadedModule {
  readonly name: string;
  readonly inKernel: () => readonly string[];
}

/** The report of a loader that died without a word; it also says if the module is still in the kernel. */
export function withLeftModule(
  report: LoadReport,
  { reply }: Pick<LoaderExit, 'reply'>,
  { name, inKernel }: LoadedModule,
): LoadReport {
  if (reply.length >= REPLY_HEADER_BYTES || !report.error || !inKernel().includes(name)) return report;
  const message =
    `${report.error.message}. Its module ${name} stays in the kernel as Loading until the next boot: ` +
    'it takes some pages of memory and does nothing';
  return { ...report, error: { ...report.error, message } };
}
