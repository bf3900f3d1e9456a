import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { ERROR_CODES, FarcallError, isErrorCode } from '../errors/index.ts';

/** Trailing metadata with our stable code; gRPC's own seventeen are too coarse. */
const CODE_KEY = 'farcall-code';

/** Trailing metadata with the milliseconds after which a call that was limited may succeed. */
const RETRY_KEY = 'farcall-retry-after-ms';

/** Longest message that is sent: trailers are headers, and those are limited (RFC 9113, 6.5.2). */
const MESSAGE_LIMIT_CHARS = 2000;

/**
 * The gRPC status that carries `error`: its code is in the trailing metadata `farcall-code`. The message of
 * INTERNAL stays in the log of the controller.
 */
export function statusFromError(error: FarcallError): StatusObject {
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  if (error.retryAfterMs !== undefined) metadata.set(RETRY_KEY, String(error.retryAfterMs));
  const details =
    error.code === 'INTERNAL'
      ? 'an internal error in the controller; see its log'
      : error.message.slice(0, MESSAGE_LIMIT_CHARS);
  return { code: status[ERROR_CODES[error.code].grpcStatus], details, metadata };
}

/**
 * The error behind a failed call to the controller at `address`: the one that the controller sent,
 * UNREACHABLE if it did not answer, or INTERNAL.
 */
export function errorFromStatus(thrown: Partial<StatusObject> & Error, address: string): FarcallError {
  const code = thrown.metadata?.get(CODE_KEY)[0];
  const details = thrown.details || thrown.message;
  if (typeof code === 'string' && isErrorCode(code))
    return new FarcallError(code, details, { cause: thrown, ...retryIn(thrown) });
  if (thrown.code === status.UNAVAILABLE || thrown.code === status.CANCELLED)
    return new FarcallError(
      'UNREACHABLE',
      `no controller answers at ${address}; is it running, and is the address right?`,
      { cause: thrown },
    );
  if (thrown.code === status.DEADLINE_EXCEEDED)
    return new FarcallError('UNREACHABLE', `the controller at ${address} did not answer in time`, {
      cause: thrown,
    });
  return new FarcallError('INTERNAL', `the controller at ${address} failed: ${details}`, { cause: thrown });
}

function retryIn({ metadata }: Partial<StatusObject>): { readonly retryAfterMs?: number } {
  const value = metadata?.get(RETRY_KEY)[0];
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? { retryAfterMs: Number(value) } : {};
}

/** Whether an error was sent by the other side, which can therefore be reached. */
export function wasSent({ cause }: FarcallError): boolean {
  const metadata = cause instanceof Error && 'metadata' in cause ? cause.metadata : undefined;
  return metadata instanceof Metadata && metadata.get(CODE_KEY).length > 0;
}
