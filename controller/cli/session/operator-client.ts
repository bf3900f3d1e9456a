import { randomUUID } from 'node:crypto';
import { connectivityState, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Clock } from '../../../shared/clock/index.ts';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import type { MessageCodec } from '../../../shared/messages/index.ts';
import { channelTo, errorFromStatus, wasSent } from '../../../shared/rpc/index.ts';
import { readTrustedCertificates } from '../../../shared/tls/index.ts';
import { digestText, type SigningKey, sha256, signToken, TOKEN_KINDS } from '../../../shared/tokens/index.ts';
import {
  checkApiAddress,
  isSocketFile,
  OPERATOR_METHODS,
  type OperatorMethodName,
  type ReplyOf,
  type RequestOf,
} from '../../rpc/index.ts';
import { markAnswer } from './hints.ts';

type StreamName = {
  [N in OperatorMethodName]: (typeof OPERATOR_METHODS)[N]['streams'] extends true ? N : never;
}[OperatorMethodName];
type UnaryName = Exclude<OperatorMethodName, StreamName>;

/** Calls a controller. Every error is a FarcallError: the controller's own, or UNREACHABLE. */
export interface OperatorClient {
  call<N extends UnaryName>(name: N, request: RequestOf<N>): Promise<ReplyOf<N>>;
  /** `limitMs` limits the duration of the whole stream. `signal` ends it earlier, with an error. */
  stream<N extends StreamName>(
    name: N,
    request: RequestOf<N>,
    limitMs: number,
    signal?: AbortSignal,
  ): AsyncIterable<ReplyOf<N>>;
  close(): void;
}

/** The address of a controller, the caller, and limits. */
export interface ClientOptions {
  readonly address: string;
  /** The caller. Without it, only the methods that need no authentication work. */
  readonly as?: { readonly name: string; readonly site: string; readonly key: SigningKey };
  readonly clock: Clock;
  /**
   * Certificates that the controller's must be signed by. Without them there is no TLS, which works on this
   * machine only.
   */
  readonly caFile?: string | undefined;
  /** How long a unary call may take, in milliseconds. */
  readonly callLimitMs?: number | undefined;
}

/** How long a unary call may take by default. */
const CALL_LIMIT_MS = 15_000;
/** The largest reply is a list of requests. */
const RECEIVE_LIMIT_BYTES = 8 << 20;

/**
 * A client of the controller at `address`. Throws CONFIG_INVALID if that is another machine and there is no
 * `caFile`.
 */
export function operatorClient(options: ClientOptions): OperatorClient {
  const { address, clock, caFile, callLimitMs = CALL_LIMIT_MS } = options;
  checkApiAddress('controller', address, caFile !== undefined);
  const ca = caFile === undefined || isSocketFile(address) ? undefined : readTrustedCertificates(caFile);
  const client = channelTo({ address, ca, receiveLimitBytes: RECEIVE_LIMIT_BYTES });
  return {
    async call(name, request) {
      const { path, request: requestCodec, reply } = wireOf(name);
      const bytes = Buffer.from(encoded(requestCodec, request));
      const metadata = await authorization(options, path, bytes);
      const deadline = clock.nowMs() + callLimitMs;
      const answer = await new Promise<Buffer>((resolve, reject) => {
        client.makeUnaryRequest(path, unchanged, unchanged, bytes, metadata, { deadline }, (error, value) =>
          error || !value ? reject(clientError(error, address)) : resolve(value),
        );
      });
      return decoded(reply, answer, address) as ReplyOf<typeof name>;
    },
    async *stream(name, request, limitMs, signal) {
      const { path, request: requestCodec, reply } = wireOf(name);
      const bytes = Buffer.from(encoded(requestCodec, request));
      const metadata = await authorization(options, path, bytes);
      const deadline = clock.nowMs() + limitMs;
      const stream = client.makeServerStreamRequest(path, unchanged, unchanged, bytes, metadata, {
        deadline,
      });
      const cancel = (): void => stream.cancel();
      // A controller that is frozen takes the connection, and says nothing on it.
      let hasNoConnection = false;
      const connecting = setTimeout(() => {
        hasNoConnection = client.getChannel().getConnectivityState(false) !== connectivityState.READY;
        if (hasNoConnection) cancel();
      }, callLimitMs);
      signal?.addEventListener('abort', cancel);
      // Ctrl-C may have come while the call was signed: no event follows then.
      if (signal?.aborted) cancel();
      try {
        for await (const message of stream)
          yield decoded(reply, message as Buffer, address) as ReplyOf<typeof name>;
      } catch (error) {
        if (hasNoConnection) throw clientError(notInTime(), address);
        throw isServiceError(error) ? clientError(error, address) : error;
      } finally {
        clearTimeout(connecting);
        signal?.removeEventListener('abort', cancel);
        stream.cancel();
      }
    },
    close: () => client.close(),
  };
}

const unchanged = (bytes: Buffer): Buffer => bytes;

/**
 * The bytes of a call. Throws CONFIG_INVALID, which names the member as people would, if a value is not
 * valid.
 */
function encoded(codec: MessageCodec<unknown>, request: unknown): Uint8Array {
  try {
    return codec.encode(request);
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    if (code !== 'MESSAGE_INVALID') throw thrown;
    const [, member = 'the call', reason = message] = /^\w+\.([\w.]+): (.*)$/s.exec(message) ?? [];
    throw new FarcallError('CONFIG_INVALID', `${member}: ${reason}`, { cause: thrown });
  }
}

/** The answer of the controller at `address`. Throws MESSAGE_INVALID. */
function decoded(codec: MessageCodec<unknown>, answer: Uint8Array, address: string): unknown {
  try {
    return codec.decode(answer);
  } catch (cause) {
    throw new FarcallError(
      'MESSAGE_INVALID',
      `the answer of ${address} cannot be read: it is no controller of this version of farcall`,
      { cause },
    );
  }
}

interface Wire {
  readonly path: string;
  readonly request: MessageCodec<unknown>;
  readonly reply: MessageCodec<unknown>;
}

function wireOf(name: OperatorMethodName): Wire {
  return OPERATOR_METHODS[name] as unknown as Wire;
}

/**
 * The metadata of one call. An authenticated call has a token that is bound to the method and the request;
 * the controller accepts each token only once.
 */
async function authorization(
  { as: caller, clock }: ClientOptions,
  method: string,
  request: Uint8Array,
): Promise<Metadata> {
  const metadata = new Metadata();
  if (!caller) return metadata;
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = iat + TOKEN_KINDS.operator.maxAgeS;
  const claims = {
    iss: caller.name,
    site: caller.site,
    iat,
    exp,
    jti: randomUUID(),
    method,
    sha256: digestText(sha256(request)),
  };
  const token = await signToken('operator', claims, caller.key);
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

function notInTime(): ServiceError {
  const rest = { code: status.DEADLINE_EXCEEDED, details: '', metadata: new Metadata() };
  return Object.assign(new Error('no connection'), rest);
}

function clientError(error: ServiceError | null, address: string): Error {
  const found = errorFromStatus(
    error ?? Object.assign(new Error('no answer'), { details: 'no answer' }),
    address,
  );
  return wasSent(found) ? markAnswer(found) : found;
}
