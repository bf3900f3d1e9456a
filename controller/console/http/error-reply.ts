import { ERROR_CODES, type FarcallError, type GrpcStatusName } from '../../../shared/errors/index.ts';
import type { ErrorReplyJson } from '../../views/index.ts';

/** The HTTP status for each gRPC status, as google.rpc.Code maps them; 400 for those that are not listed. */
const STATUS: Partial<Record<GrpcStatusName, number>> = {
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  FAILED_PRECONDITION: 409,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
};

/** The HTTP status of an error, and the body that tells the page its code and message, never its cause. */
export function errorReply({ code, message, retryAfterMs }: FarcallError): {
  readonly status: number;
  /** With `Retry-After` (RFC 9110, 10.2.3) where it is known when the call may succeed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorReplyJson;
} {
  const status = STATUS[ERROR_CODES[code].grpcStatus] ?? 400;
  const headers = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) };
  return { status, headers, body: { error: { code, message } } };
}
