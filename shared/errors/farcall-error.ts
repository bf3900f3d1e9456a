import { ERROR_CODES, type ErrorCode } from './codes.ts';

/** A source location in a call program; both numbers count from 1. */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
}

/** Details of an error besides its code and message. */
export interface FarcallErrorOptions {
  /** The error that led to this one. It goes to the log; operators are not shown it. */
  readonly cause?: unknown;
  /** Where in the call program the error is, if it is in one. */
  readonly location?: SourceLocation;
  /** After how long the same call may succeed, in milliseconds, if that is known. */
  readonly retryAfterMs?: number;
}

/**
 * The one error class of farcall. `code` is stable. `message` tells the operator what is wrong, where, and
 * what to do; it contains no secret. `cause` is the error underneath, for the log.
 */
export class FarcallError extends Error {
  readonly code: ErrorCode;
  readonly location: SourceLocation | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: FarcallErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'FarcallError';
    this.code = code;
    this.location = options.location;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same call, repeated later without a change, may succeed. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/**
 * `thrown` as a FarcallError. A FarcallError is returned as it is; anything else becomes the cause of a new
 * one with `code`. Used where errors of libraries and of Node arrive.
 */
export function toFarcallError(thrown: unknown, code: ErrorCode = 'INTERNAL'): FarcallError {
  if (thrown instanceof FarcallError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new FarcallError(code, message, { cause: thrown });
}

/** What stays as it is although its code may be retried elsewhere: a store that cannot even be opened. */
const LASTING_AT_START: readonly ErrorCode[] = ['STORE_FAILED'];

/**
 * Whether a program that cannot start because of `error` will fail again until a person changes something.
 * Programs then end with exit code 2, after which their systemd units do not start them again.
 */
export function isLasting({ code, retryable }: FarcallError): boolean {
  return code !== 'INTERNAL' && (!retryable || LASTING_AT_START.includes(code));
}
