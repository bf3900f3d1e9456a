import {
  type AbortedProgress,
  abortStatementCodec,
  type CallResult,
  callRequestCodec,
  type HostFacts,
  type HostHeartbeat,
  hostFactsCodec,
  hostHeartbeatCodec,
  hostHelloCodec,
  type JournalPositionMessage,
  journalStatementCodec,
  type OrderEnvelope,
  ordersQueryCodec,
  type PlanReply,
  PROTOCOL_VERSION,
  planReplyCodec,
  signedAbortStatementCodec,
  signedHeartbeatCodec,
  signedPlanReplyCodec,
} from '../../shared/messages/index.ts';
import {
  digestText,
  type HostStatementKind,
  sha256,
  splitCanonicalToken,
} from '../../shared/tokens/index.ts';
import { type HostIdentity, SITE, tokenOf } from './cast.ts';

/** What a host says, before it is signed. */
export interface Statement {
  readonly what: HostStatementKind;
  readonly bytes: Uint8Array;
  readonly nowMs: number;
}

/** A host's token over bytes. */
export function signStatement(
  { name, key, site = SITE }: HostIdentity,
  { what, bytes, nowMs }: Statement,
): Promise<string> {
  const iat = Math.floor(nowMs / 1000);
  const claims = { iss: name, site, iat, exp: iat + 3600, what, sha256: digestText(sha256(bytes)) };
  return tokenOf('result', claims, key);
}

/** Plausible facts of a host. */
export function factsOf(
  { name, key, labels = {} }: HostIdentity,
  overrides: Partial<HostFacts> = {},
): HostFacts {
  return {
    protocol: PROTOCOL_VERSION,
    host: name,
    labels: { ...labels },
    agentVersion: '0.0.0-test',
    kernelRelease: '6.12.48+deb13-amd64',
    arch: 'x86_64',
    vermagic: '6.12.48+deb13-amd64 SMP preempt mod_unload modversions ',
    modulesDisabled: false,
    sigEnforce: false,
    lockdown: 'none',
    taint: 0,
    publicKey: JSON.stringify(key.publicJwk),
    bootId: '5f0c1f3e-0000-4000-8000-000000000000',
    observedAtMs: 1_790_000_000_000,
    leftModules: [],
    probes: [],
    unfit: [],
    ...overrides,
  };
}

/** A signed hello. */
export async function helloOf(
  host: HostIdentity,
  nowMs: number,
  overrides: Partial<HostFacts> = {},
): Promise<Uint8Array> {
  const facts = hostFactsCodec.encode(factsOf(host, overrides));
  const signature = await signStatement(host, { what: 'facts', bytes: facts, nowMs });
  return hostHelloCodec.encode({ facts, signature });
}

/** A signed statement that a host obeys an abort. */
export async function abortStatementOf(
  host: HostIdentity,
  nowMs: number,
  stated: { readonly requestDigest: Uint8Array; readonly progress: AbortedProgress; readonly host?: string },
): Promise<Uint8Array> {
  const statement = abortStatementCodec.encode({ host: host.name, observedAtMs: nowMs, ...stated });
  const signature = await signStatement(host, { what: 'abort', bytes: statement, nowMs });
  return signedAbortStatementCodec.encode({ statement, signature });
}

/** A signed heartbeat. */
export async function heartbeatOf(
  host: HostIdentity,
  nowMs: number,
  overrides: Partial<HostHeartbeat> & { readonly what?: HostStatementKind } = {},
): Promise<Uint8Array> {
  const { what = 'heartbeat', ...changes } = overrides;
  const { bootId, taint } = factsOf(host);
  const said = {
    ...{ host: host.name, bootId, taint, observedAtMs: nowMs, waitingResults: 0 },
    ...{ trustVersion: 3, trustConfirmedAtMs: nowMs },
    ...changes,
  };
  const heartbeat = hostHeartbeatCodec.encode(said);
  return signedHeartbeatCodec.encode({
    heartbeat,
    signature: await signStatement(host, { what, bytes: heartbeat, nowMs }),
  });
}

/** A query for orders by the one incarnation of a host whose journal goes forward with the time. */
export async function ordersQueryOf(
  host: HostIdentity,
  nowMs: number,
  overrides: Partial<JournalPositionMessage> & { readonly about?: string } = {},
): Promise<Uint8Array> {
  const { about = host.name, ...changes } = overrides;
  const position = {
    incarnation: Buffer.alloc(16, host.name),
    sequence: 1,
    head: Buffer.alloc(32, 1),
    ...changes,
  };
  const journal = journalStatementCodec.encode({ host: about, position, observedAtMs: nowMs });
  const signature = await signStatement(host, { what: 'journal', bytes: journal, nowMs });
  return ordersQueryCodec.encode({ host: about, journal, signature, labelsNumber: 0 });
}

/** The result of a call that returned 17. */
export function resultFor(
  host: string,
  order: OrderEnvelope,
  overrides: Partial<CallResult> = {},
): CallResult {
  const { program } = callRequestCodec.decode(order.request);
  return {
    protocol: PROTOCOL_VERSION,
    host,
    requestDigest: sha256(order.request),
    attempt: 1,
    orderId: String(splitCanonicalToken(order.order).payload['jti']),
    outcome: 'returned',
    value: { type: 'int', text: '(int)17', kind: 'int', integer: '17' },
    kernelLog: [`farcall: ran ${program.length} bytes`],
    timings: { verifyUs: 400, compileUs: 2600, spawnUs: 900, loadUs: 8200, totalUs: 12_300 },
    finishedAtMs: 1_790_000_000_000,
    kernelRelease: '6.12.48+deb13-amd64',
    ...overrides,
  };
}

/** A signed answer to the query in these bytes: a call that would be loaded. */
export async function planOf(
  host: HostIdentity,
  query: Uint8Array,
  nowMs: number,
  overrides: Partial<PlanReply> = {},
): Promise<Uint8Array> {
  const reply = planReplyCodec.encode({
    protocol: PROTOCOL_VERSION,
    host: host.name,
    queryDigest: sha256(query),
    kernelRelease: '6.12.48+deb13-amd64',
    kernelVersion: '#1 SMP',
    arch: 'x86_64',
    depth: 'compile',
    refusals: [],
    effect: 'call',
    answers: [],
    indirectCalls: [],
    callees: [{ name: '_printk', prototype: 'int _printk(const char *fmt, ...)' }],
    warnings: [],
    steps: [{ kind: 'call', line: 1, column: 1, text: '_printk((const char *)"hello\\n")' }],
    droppedSteps: 0,
    rows: [],
    droppedRows: 0,
    ending: { kind: 'returned', text: '?' },
    notes: [],
    module: { sizeBytes: 4212, sha256: '7'.repeat(64) },
    madeAtMs: nowMs,
    ...overrides,
  });
  const signature = await signStatement(host, { what: 'plan', bytes: reply, nowMs });
  return signedPlanReplyCodec.encode({ reply, signature });
}
