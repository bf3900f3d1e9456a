import { ERROR_CODES, type ErrorCode } from './codes.ts';

/** A source location in a call program; both numbers count from 1. */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
}

/** What an error can carry beside its message. */
export interface FarcallErrorOptions {
  /** What was underneath; kept for the log, not shown to operators. */
  readonly cause?: unknown;
  readonly location?: SourceLocation;
}

/**
 * The one error class of farcall. `code` is stable, `message` says what is wrong, where, and what to do; it
 * is meant for the operator and holds no secret. `cause` keeps what was underneath for the log.
 */
export class FarcallError extends Error {
  readonly code: ErrorCode;
  readonly location: SourceLocation | undefined;

  constructor(code: ErrorCode, message: string, options: FarcallErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'FarcallError';
    this.code = code;
    this.location = options.location;
  }

  /** Whether the same thing, tried again unchanged, may work later. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** Turns anything thrown into a FarcallError; for the edges, where foreign errors come in. */
export function toFarcallError(thrown: unknown, code: ErrorCode = 'INTERNAL'): FarcallError {
  if (thrown instanceof FarcallError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new FarcallError(code, message, { cause: thrown });
}
