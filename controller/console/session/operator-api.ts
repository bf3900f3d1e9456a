import { FarcallError } from '../../../shared/errors/index.ts';
import { type Caller, PERMISSIONS } from '../../api/index.ts';
import { OPERATOR_METHODS, type OperatorMethodName, type ReplyOf, type RequestOf } from '../../rpc/index.ts';
import type { ConsoleDeps } from '../http/index.ts';

type CodecOf<T> = { encode(value: T): Uint8Array; decode(bytes: Uint8Array): T };
type UnaryName = {
  [N in OperatorMethodName]: (typeof OPERATOR_METHODS)[N]['streams'] extends true ? never : N;
}[OperatorMethodName];
type StreamName = Exclude<OperatorMethodName, UnaryName>;

/** The operator API, called as one person. */
export interface OperatorApi {
  call<N extends UnaryName>(method: N, request: RequestOf<N>): Promise<ReplyOf<N>>;
  stream<N extends StreamName>(
    method: N,
    request: RequestOf<N>,
    signal: AbortSignal,
  ): AsyncIterable<ReplyOf<N>>;
}

const NEVER = new AbortController().signal;

/**
 * The operator API as `caller`. Its methods throw FORBIDDEN, MESSAGE_INVALID, and what the handler throws.
 *
 * Threat: the console lets somebody do what the operator API does not. Both have the same table of
 * permissions and the same handlers, and each request goes through the codec that checks requests from the
 * network.
 */
export function operatorApi({ handlers }: Pick<ConsoleDeps, 'handlers'>, caller: Caller): OperatorApi {
  const checked = <N extends OperatorMethodName>(method: N, request: RequestOf<N>): RequestOf<N> => {
    const allowed = PERMISSIONS[method];
    if (allowed !== 'anybody' && !allowed.some(role => caller.roles.has(role)))
      throw new FarcallError(
        'FORBIDDEN',
        `${caller.name} may not do this: it takes the role ${allowed.join(' or ')} in the trust bundle`,
      );
    const codec = OPERATOR_METHODS[method].request as unknown as CodecOf<RequestOf<N>>;
    return codec.decode(codec.encode(request));
  };
  type Handler = (request: unknown, caller: Caller, signal: AbortSignal) => unknown;
  return {
    call: async (method, request) =>
      (await (handlers[method] as Handler)(checked(method, request), caller, NEVER)) as never,
    stream: (method, request, signal) =>
      (handlers[method] as Handler)(checked(method, request), caller, signal) as never,
  };
}
