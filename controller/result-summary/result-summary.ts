import { errnoName } from '../../shared/errno/index.ts';
import type { CallResult } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/**
 * The few fields of a result by which reports group hosts. They are a function of the result's bytes, and are
 * kept beside the outcome so that a report does not have to decode every result of a fleet.
 */
export interface ResultSummary {
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Text of the value; the beginning of a long one. */
  readonly value?: string;
  /** SHA-256 of the whole text in hexadecimal digits, if the text was cut. */
  readonly digest?: string;
  /** Name of the errno that the function returned, or with which the kernel refused the module: `EINVAL`. */
  readonly errno?: string;
  /** Error code. */
  readonly error?: string;
  /** Beginning of the error's text. */
  readonly message?: string;
}

/** A longer text is cut; two such values are equal if their digests are. */
const VALUE_CHARS = 300;
const MESSAGE_CHARS = 200;

/** The summary of `result`. */
export function summarizeResult({ attempt, outcome, value, error, loaderErrno }: CallResult): ResultSummary {
  const errno = value?.errnoName ?? (loaderErrno === undefined ? undefined : errnoName(loaderErrno));
  return {
    attempt,
    outcome,
    ...(value && valuePart(value.text)),
    ...(errno !== undefined && { errno: errno.replace(/^-/, '') }),
    ...(error && { error: error.code, message: error.message.slice(0, MESSAGE_CHARS) }),
  };
}

function valuePart(text: string): Pick<ResultSummary, 'value' | 'digest'> {
  if (text.length <= VALUE_CHARS) return { value: text };
  const digest = Buffer.from(sha256(Buffer.from(text, 'utf8'))).toString('hex');
  return { value: `${text.slice(0, VALUE_CHARS)}…`, digest };
}

/** `summary` as the store keeps it; equal summaries have equal texts. */
export function resultSummaryText(summary: ResultSummary): string {
  return JSON.stringify(summary);
}

/**
 * The summary in a row of the store whose host ended in `outcome`. Undefined if none was kept, or if it
 * belongs to an outcome that the host no longer has.
 */
export function parseResultSummary(text: string | null, outcome: Outcome | null): ResultSummary | undefined {
  if (text === null || outcome === null) return undefined;
  const summary = JSON.parse(text) as ResultSummary;
  return summary.outcome === outcome ? summary : undefined;
}
