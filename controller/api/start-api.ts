import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import {
  logVerbosity,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { MessageCodec } from '../../shared/messages/index.ts';
import { statusFromError } from '../../shared/rpc/index.ts';
import { requireTls13 } from '../../shared/tls/index.ts';
import type { Logger } from '../log/index.ts';
import { checkApiAddress, OPERATOR_METHODS, type OperatorMethodName } from '../rpc/index.ts';
import type { Authenticator, Caller } from './authenticate.ts';
import { type CallLogEntry, withCallLog } from './call-log.ts';
import { addressOfPeer, type CallerLimits } from './caller-limits.ts';
import { addEnrolmentService, type Redeem } from './enrolment-service.ts';
import type { OperatorHandlers } from './operator-handlers.ts';
import { removeStaleSocket } from './stale-socket.ts';

/** The certificate under which a server answers, with those that signed it, and its key; both in PEM. */
export interface ApiTls {
  readonly certificates: Buffer;
  readonly key: Buffer;
}

/** Inputs of {@link startApi}: where to listen, and what serves the calls. */
export interface ApiDeps {
  readonly listen: string;
  /** Without it, the API listens on this machine only. */
  readonly tls: ApiTls | undefined;
  readonly redeem: Redeem;
  readonly authenticate: Authenticator;
  readonly handlers: OperatorHandlers;
  readonly limits: CallerLimits;
  readonly log: Logger;
}

/** A running API. */
export interface ListeningApi {
  /** Where it listens, with the port that was assigned if the configuration has 0. */
  readonly address: string;
  /** Ends the streams, waits a moment for the calls, and closes. */
  close(): Promise<void>;
}

/** The largest request is a trust bundle with its signatures; more is refused before it is read. */
const RECEIVE_LIMIT_BYTES = 384 << 10;
const CLOSE_LIMIT_MS = 2000;

/** Starts the operator API. Throws CONFIG_INVALID if it must not or cannot listen on the address. */
export async function startApi(deps: ApiDeps): Promise<ListeningApi> {
  checkApiAddress('listen', deps.listen, deps.tls !== undefined);
  const credentials = serverCredentials(deps.tls);
  // gRPC would write lines of its own to stderr. What matters of them reaches us as errors.
  setLogVerbosity(logVerbosity.NONE);
  await removeStaleSocket(deps.listen);
  const stop = new AbortController();
  const server = new Server({ 'grpc.max_receive_message_length': RECEIVE_LIMIT_BYTES });
  server.addService(serviceDefinition(), implementation(deps, stop.signal));
  addEnrolmentService(server, deps.redeem, deps.log);
  const port = await bind(server, deps.listen, credentials);
  return {
    address: deps.listen.startsWith('unix:') ? deps.listen : deps.listen.replace(/:\d+$/, `:${port}`),
    close: () => close(server, stop),
  };
}

/** A Unix socket stays on this machine, so it needs no TLS. */
function serverCredentials(tls: ApiTls | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  requireTls13();
  try {
    return ServerCredentials.createSsl(null, [{ cert_chain: tls.certificates, private_key: tls.key }]);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', 'tls: the certificate and its key cannot be used', { cause });
  }
}

async function bind(server: Server, listen: string, credentials: ServerCredentials): Promise<number> {
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(listen, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    if (listen.startsWith('unix:')) chmodSync(listen.slice('unix:'.length), 0o600);
    return port;
  } catch (cause) {
    throw new FarcallError(
      'CONFIG_INVALID',
      `listen: the controller cannot listen on ${listen}; is another one running?`,
      { cause },
    );
  }
}

async function close(server: Server, stop: AbortController): Promise<void> {
  stop.abort();
  const closed = new Promise<void>(resolve => server.tryShutdown(() => resolve()));
  const timer = setTimeout(() => server.forceShutdown(), CLOSE_LIMIT_MS);
  await closed;
  clearTimeout(timer);
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** Bytes in, bytes out: they are decoded after authentication, with errors of our own. */
function serviceDefinition() {
  const entries = Object.entries(OPERATOR_METHODS).map(([name, { path, streams }]) => [
    name,
    {
      path,
      requestStream: false,
      responseStream: streams,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  ]);
  return Object.fromEntries(entries);
}

function implementation(deps: ApiDeps, stopped: AbortSignal): UntypedServiceImplementation {
  const names = Object.keys(OPERATOR_METHODS) as OperatorMethodName[];
  const entries = names.map(name => [
    name,
    OPERATOR_METHODS[name].streams ? streamCall(deps, name, stopped) : unaryCall(deps, name, stopped),
  ]);
  return Object.fromEntries(entries);
}

type Bytes = Buffer<ArrayBufferLike>;

function unaryCall(deps: ApiDeps, name: OperatorMethodName, stopped: AbortSignal) {
  return (call: ServerUnaryCall<Bytes, Bytes>, callback: sendUnaryData<Bytes>): void => {
    const about = { method: name };
    const answer = async (): Promise<Bytes> => {
      const { caller, request } = await enter(deps, about, call);
      const handler = deps.handlers[name] as AnyUnaryHandler;
      const reply = await handler(request, caller, stopped);
      return encode(name, reply);
    };
    withCallLog(deps.log, about, answer).then(
      bytes => callback(null, bytes),
      error => callback(statusFromError(toFarcallError(error))),
    );
  };
}

function streamCall(deps: ApiDeps, name: OperatorMethodName, stopped: AbortSignal) {
  return (call: ServerWritableStream<Bytes, Bytes>): void => {
    const cancelled = new AbortController();
    call.on('cancelled', () => cancelled.abort());
    const signal = AbortSignal.any([cancelled.signal, stopped]);
    const about = { method: name };
    const answer = async (): Promise<void> => {
      const { caller, request } = await enter(deps, about, call);
      const handler = deps.handlers[name] as AnyStreamHandler;
      const end = deps.limits.openStream(caller.name);
      try {
        for await (const message of handler(request, caller, signal)) {
          if (signal.aborted) break;
          if (!call.write(encode(name, message))) await drained(call, signal);
        }
      } finally {
        end();
      }
      if (stopped.aborted) throw new FarcallError('UNREACHABLE', 'the controller is shutting down');
    };
    withCallLog(deps.log, about, answer).then(
      () => call.end(),
      error => call.emit('error', Object.assign(new Error(), statusFromError(toFarcallError(error)))),
    );
  };
}

/** Resolves when the caller can receive more, or has disconnected. */
async function drained(call: ServerWritableStream<Bytes, Bytes>, signal: AbortSignal): Promise<void> {
  try {
    await once(call, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

type AnyUnaryHandler = (request: unknown, caller: Caller, signal: AbortSignal) => Promise<unknown>;
type AnyStreamHandler = (request: unknown, caller: Caller, signal: AbortSignal) => AsyncIterable<unknown>;

/** Authenticates the caller, within the limits, and only then decodes their bytes. */
async function enter(
  deps: ApiDeps,
  about: CallLogEntry & { readonly method: OperatorMethodName },
  call: { readonly metadata: Metadata; readonly request: Bytes; getPeer(): string },
): Promise<{ caller: Caller; request: unknown }> {
  const { method } = about;
  const { limits, authenticate } = deps;
  const address = addressOfPeer(call.getPeer());
  limits.admitAddress(address);
  let caller: Caller;
  try {
    caller = await authenticate(method, call.metadata, call.request);
  } catch (error) {
    limits.countUnauthenticated(address);
    throw error;
  }
  about.caller = caller.name;
  if (caller.kid === '') limits.countUnauthenticated(address);
  else limits.admitPerson(caller.name);
  return { caller, request: OPERATOR_METHODS[method].request.decode(call.request) };
}

function encode(name: OperatorMethodName, reply: unknown): Bytes {
  const codec = OPERATOR_METHODS[name].reply as MessageCodec<unknown>;
  return Buffer.from(codec.encode(reply));
}
