import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import {
  KERNEL_TYPES_LIMITS,
  PROTOCOL_VERSION,
  signedTypesReplyCodec,
  type TypesQuery,
  type TypesReply,
  typesEnvelopeCodec,
  typesQueryCodec,
  typesReplyCodec,
} from '../../shared/messages/index.ts';
import { type OrderContext, trustNow } from '../run-order/index.ts';
import { authenticateQuestion, type HostTrust } from '../verify/index.ts';
import type { TypesShelf } from './types-shelf.ts';

/** What a question for types meets on this host. */
export type TypesContext = Pick<
  OrderContext,
  'trust' | 'policy' | 'identity' | 'stages' | 'clock' | 'counters' | 'log'
>;

/** Where parts are taken from, and whether there may be one more answer. */
export interface TypesService {
  readonly shelf: TypesShelf;
  /** Asked once it is certain that a controller asks. */
  readonly mayAnswer: () => boolean;
}

/**
 * What this host says to bytes on its subject of types: one part of what its kernel has, or why it tells nothing, signed.
 * Throws FarcallError for bytes that are not answered at all.
 *
 * Threats: somebody else than a controller asks (token by a controller of this host's own bundle, over exactly these bytes,
 * which name the host); a controller in wrong hands asks without end (`mayAnswer`, and parts are made once for all of them);
 * it learns where the kernel lies (no address is in it, and no order of addresses). What it learns is which kernel this is,
 * which modules are loaded, and what is public of both.
 */
export async function answerTypes(
  envelopeBytes: Uint8Array,
  context: TypesContext,
  { shelf, mayAnswer }: TypesService,
): Promise<Uint8Array> {
  const asked = await authenticateQuery(envelopeBytes, trustNow(context));
  if (!mayAnswer()) throw new FarcallError('RATE_LIMITED', 'this host was asked too often for its types');
  const said = await content(asked, context, shelf);
  const about = aboutHost(asked, context);
  const reply = typesReplyCodec.encode({ protocol: PROTOCOL_VERSION, ...about, ...said });
  const signature = await context.identity.sign('types', reply, context.clock.nowMs());
  return signedTypesReplyCodec.encode({ reply, signature });
}

interface AuthenticQuery {
  readonly query: TypesQuery;
  readonly digest: Uint8Array;
}

async function authenticateQuery(envelopeBytes: Uint8Array, trust: HostTrust): Promise<AuthenticQuery> {
  const envelope = typesEnvelopeCodec.decode(envelopeBytes);
  const digest = await authenticateQuestion('types', envelope, trust);
  const query = typesQueryCodec.decode(envelope.query);
  if (query.host !== trust.host)
    throw new FarcallError('NOT_SELECTED', `the question ${query.id} is for ${query.host}`);
  return { query, digest };
}

function aboutHost({ digest: queryDigest }: AuthenticQuery, { stages, identity, clock }: TypesContext) {
  const { kernelRelease, kernelVersion = '', arch } = stages.facts();
  const about = { kernelRelease, kernelVersion, arch, madeAtMs: clock.nowMs() };
  return { host: identity.host, queryDigest, ...about };
}

/** One part, or why there is none. A host that says nothing of plans says nothing of its types either. */
async function content(
  { query: { offset } }: AuthenticQuery,
  { policy }: TypesContext,
  shelf: TypesShelf,
): Promise<Pick<TypesReply, 'part' | 'refusal'>> {
  if (policy.plan === 'none') return { refusal: FORBIDDEN };
  try {
    const { packed, digest } = await shelf.take();
    if (offset >= packed.length)
      throw new FarcallError('MESSAGE_INVALID', `there are ${packed.length} bytes, and none at ${offset}`);
    const bytes = packed.subarray(offset, offset + KERNEL_TYPES_LIMITS.partBytes);
    return { part: { digest, packedBytes: packed.length, bytes } };
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return { refusal: { code, message: message.slice(0, 4000) } };
  }
}

const FORBIDDEN = {
  code: 'POLICY_REFUSED',
  message: "this host's policy, plan: it does not say what its kernel has",
} as const;
