import { ERROR_CODES, type FarcallError, type GrpcStatusName } from '../../../shared/errors/index.ts';

/** HTTP's words for those of gRPC, where they are others than 400 (google.rpc.Code says which). */
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

/** The status of an error, and what is said of it: code and message, never its cause. */
export function errorReply({ code, message }: FarcallError): {
  readonly status: number;
  readonly body: { readonly error: { readonly code: string; readonly message: string } };
} {
  const status = STATUS[ERROR_CODES[code].grpcStatus] ?? 400;
  return { status, body: { error: { code, message } } };
}
