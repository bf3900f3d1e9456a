import type { Clock } from '../../shared/clock/index.ts';
import type { ModuleKey } from '../../shared/cms/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import {
  type CallRequest,
  exceedsEffect,
  type HostFacts,
  type SignQuery,
  type SignReply,
  signEnvelopeCodec,
  signQueryCodec,
  signReplyCodec,
} from '../../shared/messages/index.ts';
import { moduleNameOf } from '../../shared/module-signing/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { authenticHostStatement } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostKeyStore, ModuleSigningStore } from '../store/index.ts';
import {
  type AuthorizedQuery,
  type AuthorizeQueryDeps,
  authorizeQuery,
  requireApprovedModule,
} from './authorize-query.ts';
import type { DerivedModule } from './derive-module.ts';
import type { KnownKernels } from './known-kernels.ts';
import type { ModuleDeriver } from './module-deriver.ts';

/** The stores and services that {@link answerSignQuery} uses. */
export interface SignDeps extends AuthorizeQueryDeps {
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly moduleSigning: ModuleSigningStore;
  /** Undefined if this controller signs no modules. */
  readonly moduleSigner: ModuleSigningParts | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: CounterSet;
}

/** The key that signs modules, and what limits and checks its use. */
export interface ModuleSigningParts {
  readonly key: ModuleKey;
  readonly deriver: ModuleDeriver;
  readonly kernels: KnownKernels;
  /** Throws RATE_LIMITED. */
  readonly limit: (host: string) => void;
}

/** How old a query may be, in seconds. A recorded query is useless after that. */
const QUERY_AGE_S = 120;
/** Modules that may be signed for one attempt on one host: it may have booted between two of them. */
const IMAGES_PER_ATTEMPT = 3;
const REASON_LIMIT_CHARS = 1024;

/**
 * Signs the module of an order for the host that asks, or says why not. In this order: is the host who it
 * says it is; may it have a module signed for this order; what is the module, compiled here from the stored
 * request and the facts that the host sent; is it the same as the host's; do the facts agree with what was
 * said before of this kernel. What is signed is always what was made here, never what came from a host; it
 * leaves only after the store has it.
 *
 * Threat: an agent that was taken over asks for another program, other arguments, another host's order, an
 * image with a changed byte. It has no say in any of these: the program comes from the request that was
 * approved. What it can lie about is its kernel; see THREATS.md for how far that goes.
 */
export async function answerSignQuery(deps: SignDeps, { host, bytes }: HostMessage): Promise<Uint8Array> {
  const { query: queryBytes, signature } = signEnvelopeCodec.decode(bytes);
  const queryDigest = sha256(queryBytes);
  const reply = (rest: Partial<SignReply>): Uint8Array =>
    signReplyCodec.encode({
      queryDigest,
      signature: new Uint8Array(),
      keyId: '',
      code: '',
      reason: '',
      ...rest,
    });
  try {
    const parts = deps.moduleSigner;
    if (!parts)
      throw new FarcallError(
        'CONFLICT',
        'this controller signs no modules: its configuration has no moduleSigning',
      );
    parts.limit(host);
    const query = await authenticQuery(deps, host, { queryBytes, signature });
    const made = await signOnce(deps, parts, await authorizeQuery(deps, host, query));
    return reply({ signature: made, keyId: parts.key.certificate.keyId });
  } catch (thrown) {
    const error = toFarcallError(thrown);
    const count = deps.counters.count(`sign.${error.code}`);
    deps.log.warn({ host, code: error.code, err: error, count }, 'module not signed');
    return reply({ code: error.code, reason: error.message.slice(0, REASON_LIMIT_CHARS) });
  }
}

/**
 * Threats: a query in another host's name (subject, content and the enrolled key must be one); an old one
 * that somebody recorded.
 */
async function authenticQuery(
  deps: SignDeps,
  host: string,
  { queryBytes: bytes, signature }: { readonly queryBytes: Uint8Array; readonly signature: string },
): Promise<SignQuery> {
  const { signedAtS } = await authenticHostStatement(deps, { host, what: 'sign-query', bytes, signature });
  const nowMs = deps.clock.nowMs();
  if (nowMs / 1000 - signedAtS > QUERY_AGE_S)
    throw new FarcallError('TOKEN_EXPIRED', `this query of ${host} is older than ${QUERY_AGE_S} s`);
  const query = signQueryCodec.decode(bytes);
  if (query.host === host) return query;
  throw new FarcallError('MESSAGE_INVALID', `${host} asks for a signature in the name of ${query.host}`);
}

async function signOnce(
  deps: SignDeps,
  { key, deriver, kernels }: ModuleSigningParts,
  { query, record, request, hostFacts, approved }: AuthorizedQuery,
): Promise<Uint8Array> {
  const { host, attempt, orderId } = query;
  const before = await deps.moduleSigning.of(record.id, host, attempt);
  const wanted = Buffer.from(query.imageDigest).toString('hex');
  const same = before.find(({ image, keyId }) => image === wanted && keyId === key.certificate.keyId);
  if (same) return same.signature;
  if (before.length >= IMAGES_PER_ATTEMPT)
    throw new FarcallError(
      'SIGNING_REFUSED',
      `${before.length} modules were signed for this attempt on ${host}; retry the request`,
    );
  const moduleName = moduleNameOf(query);
  const module = await deriver.derive({
    ...{ program: withLibrary(request), fuel: request.fuel },
    ...{ moduleName, facts: query.facts },
  });
  checkDerived(module, wanted, hostFacts);
  checkEffect(module, request);
  await requireApprovedModule(approved, module.callees);
  kernels.check(query.buildId, module.kernelFacts);
  const build = buildName(hostFacts);
  await deps.moduleSigning.agree({ build, host, facts: module.kernelFacts });
  const signature = await signed(key, module.image);
  const facts = Buffer.from(sha256(query.facts)).toString('hex');
  const { keyId } = key.certificate;
  const made = { requestId: record.id, host, attempt, orderId, image: wanted, facts, keyId, signature };
  await deps.moduleSigning.add(made);
  deps.log.info({ request: record.id, host, image: wanted, key: keyId }, 'module signed');
  return signature;
}

/**
 * The host's own module must be this one, or the two do not mean the same kernel; then a signature is of no
 * use.
 */
function checkDerived({ image, arch, vermagic }: DerivedModule, wanted: string, hostFacts: HostFacts): void {
  const [derivedFor, runs] = [`${arch} ${vermagic}`, `${hostFacts.arch} ${hostFacts.vermagic}`];
  if (derivedFor !== runs)
    throw new FarcallError(
      'SIGNING_REFUSED',
      `the module is for ${derivedFor}, and the host said that it runs ${runs}`,
    );
  if (Buffer.from(sha256(image)).toString('hex') !== wanted)
    throw new FarcallError(
      'SIGNING_REFUSED',
      "the host's module is not the one that its program and its facts give; check that agent and controller have one version",
    );
}

/**
 * Threat: the request declares a smaller effect than its program has, so that fewer people have to approve
 * it. The approvals were counted against the declared effect; so the module may do that and no more.
 */
function checkEffect(
  { effect, indirectCalls }: DerivedModule,
  { effect: declared, indirectCalls: declaresIndirect }: CallRequest,
): void {
  if (indirectCalls && !declaresIndirect)
    throw new FarcallError(
      'SIGNING_REFUSED',
      'the program calls through pointers, but the request does not declare it; make a request with --indirect-calls',
    );
  if (!exceedsEffect(effect, declared)) return;
  throw new FarcallError(
    'SIGNING_REFUSED',
    `the effect of the program is ${effect}, but the request declares ${declared}; make a request with --effect ${effect}`,
  );
}

/** One build of a kernel: its build id, or where there is none what comes nearest to it. */
function buildName({ arch, kernelRelease, signing }: HostFacts): string {
  return `${arch} ${kernelRelease} ${signing?.buildId ?? ''}`.trim();
}

async function signed(key: ModuleKey, image: Uint8Array): Promise<Uint8Array> {
  try {
    return await key.sign(image);
  } catch (thrown) {
    const cause = toFarcallError(thrown);
    throw new FarcallError('SIGNING_UNAVAILABLE', `the module key cannot be used: ${cause.message}`, {
      cause,
    });
  }
}
