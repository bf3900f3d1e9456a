import { FarcallError, isErrorCode } from '../../../shared/errors/index.ts';

/** An error on its way from one thread to another, which would drop its class and its numbers. */
export interface PackedError {
  readonly message: string;
  /** That of a FarcallError, or that of Node. */
  readonly code?: string | undefined;
  /** SQLite's extended result code. */
  readonly errcode?: number | undefined;
  readonly cause?: PackedError;
}

/** `thrown`, with the error underneath. */
export function packError(thrown: unknown): PackedError {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { code, errcode } = thrown as { code?: unknown; errcode?: unknown };
  return {
    message: thrown.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof errcode === 'number' ? { errcode } : {}),
    ...(thrown.cause === undefined ? {} : { cause: packError(thrown.cause) }),
  };
}

/** The error that {@link packError} packed: a FarcallError, or one with the result code of SQLite. */
export function unpackError({ message, code, errcode, cause }: PackedError): Error {
  const options = cause === undefined ? {} : { cause: unpackError(cause) };
  if (code !== undefined && isErrorCode(code)) return new FarcallError(code, message, options);
  return Object.assign(
    new Error(message, options),
    code === undefined ? {} : { code },
    errcode === undefined ? {} : { errcode },
  );
}
