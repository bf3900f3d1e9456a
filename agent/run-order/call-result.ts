import { type FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import {
  type CallHealth,
  type CallResult,
  type CallTimings,
  callResultCodec,
  type JournalPositionMessage,
  type OutcomeError,
  PROTOCOL_VERSION,
  RESULT_LIMITS,
  withoutControls,
} from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import type { LoadReport } from '../stages/index.ts';
import type { AttemptKey } from '../verify/index.ts';

/** What the kernel's log may take of {@link RESULT_LIMITS}.bytes; what a kernel logs may well exceed it. */
const LOG_BYTES = 128 << 10;

/** How a call ended, before it is put into a message. */
export interface CallEnd {
  readonly outcome: Outcome;
  readonly value?: CallResult['value'];
  readonly error?: OutcomeError | undefined;
  readonly kernelLog?: readonly string[];
  readonly loaderErrno?: number | undefined;
  readonly rows?: LoadReport['rows'];
  readonly droppedRows?: LoadReport['droppedRows'];
  readonly writes?: LoadReport['writes'];
  readonly writesMissed?: LoadReport['writesMissed'];
}

/** The attempt that a result is about, and its circumstances. */
export interface ResultContext {
  readonly host: string;
  readonly journal?: JournalPositionMessage | undefined;
  readonly key: AttemptKey;
  readonly orderId: string;
  readonly timings: CallTimings;
  readonly finishedAtMs: number;
  readonly kernelRelease: string;
  readonly moduleDigest?: string | undefined;
  readonly health?: CallHealth | undefined;
}

/** How a call ended according to the loader. */
export function endOfReport(report: LoadReport): CallEnd {
  const { outcome, value, error, kernelLog, loaderErrno, rows, droppedRows } = report;
  const { writes, writesMissed } = report;
  return { outcome, value, error, kernelLog, loaderErrno, rows, droppedRows, writes, writesMissed };
}

/** How a call ended that threw `error`. */
export function endOfError(outcome: Outcome, { code, message, location }: FarcallError): CallEnd {
  return { outcome, error: { code, message, line: location?.line, column: location?.column } };
}

/**
 * The bytes of the result. A result must never be lost because of its form: what is too long is cut, and if a
 * stage made something that is not a valid message, the result still has the outcome, with the reason in
 * place of the rest.
 */
export function encodeResult(end: CallEnd, context: ResultContext): Uint8Array {
  try {
    return callResultCodec.encode(resultOf(cut(end), context));
  } catch (thrown) {
    const { message } = toFarcallError(thrown);
    const error = {
      code: 'INTERNAL' as const,
      message: `the result could not be put into a message: ${message}`,
    };
    return callResultCodec.encode(resultOf({ outcome: end.outcome, error }, context));
  }
}

function resultOf(end: CallEnd, context: ResultContext): CallResult {
  const { key, moduleDigest, health, journal, ...rest } = context;
  return {
    protocol: PROTOCOL_VERSION,
    requestDigest: key.requestDigest,
    attempt: key.attempt,
    outcome: end.outcome,
    kernelLog: [...(end.kernelLog ?? [])],
    ...rest,
    ...(end.value === undefined ? {} : { value: end.value }),
    ...(end.error === undefined ? {} : { error: end.error }),
    ...(end.loaderErrno === undefined ? {} : { loaderErrno: end.loaderErrno }),
    ...(moduleDigest === undefined ? {} : { moduleDigest }),
    ...(health && { health }),
    ...(journal && { journal }),
    ...(end.rows === undefined ? {} : { rows: [...end.rows] }),
    ...(end.droppedRows === undefined ? {} : { droppedRows: end.droppedRows }),
    ...(end.writes && end.writes.length > 0 && { writes: [...end.writes] }),
    ...(end.writesMissed && { writesMissed: true }),
  };
}

function cut(end: CallEnd): CallEnd {
  const { error, kernelLog = [] } = end;
  return {
    ...end,
    kernelLog: cutLog(kernelLog),
    ...(error && { error: { ...error, message: cutText(error.message, RESULT_LIMITS.errorChars) } }),
  };
}

/** The first lines, as many as fit: the start of an oops matters most. */
function cutLog(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const text = cutText(line.replaceAll('\n', '\\n'), RESULT_LIMITS.logLineChars);
    bytes += Buffer.byteLength(text);
    if (kept.length === RESULT_LIMITS.logLines - 1 || bytes > LOG_BYTES) break;
    kept.push(text);
  }
  const left = lines.length - kept.length;
  return left === 0 ? kept : [...kept, `(${left} more lines)`];
}

/** What a host says has no control characters, so that no terminal obeys it. */
function cutText(raw: string, limitChars: number): string {
  const text = withoutControls(raw.slice(0, limitChars + 1));
  return text.length <= limitChars ? text : `${text.slice(0, limitChars - 1)}…`;
}
