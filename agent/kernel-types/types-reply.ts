import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import {
  KERNEL_TYPES_LIMITS,
  PROTOCOL_VERSION,
  type TypesQuery,
  type TypesReply,
  typesReplyCodec,
  withoutControls,
} from '../../shared/messages/index.ts';
import type { AuthenticQuery, QueryContext } from '../queries/index.ts';
import type { PackedTypesCache } from './packed-types-cache.ts';

/** The bytes of a TypesReply: one part of this kernel's packed types, or the reason why there is none. */
export async function typesReply(
  { query, digest: queryDigest }: AuthenticQuery<TypesQuery>,
  { policy, stages, identity, clock }: QueryContext,
  cache: PackedTypesCache,
): Promise<Uint8Array> {
  // A host whose policy forbids plans does not tell its types either.
  const content = policy.plan === 'none' ? { refusal: FORBIDDEN } : await partAt(query.offset, cache);
  const { kernelRelease, kernelVersion = '', arch } = stages.facts();
  return typesReplyCodec.encode({
    protocol: PROTOCOL_VERSION,
    host: identity.host,
    queryDigest,
    kernelRelease,
    kernelVersion,
    arch,
    madeAtMs: clock.nowMs(),
    ...content,
  });
}

const FORBIDDEN = {
  code: 'POLICY_REFUSED',
  message: "this host's policy (plan: none) forbids telling what its kernel has",
} as const;

async function partAt(
  offset: number,
  cache: PackedTypesCache,
): Promise<Pick<TypesReply, 'part' | 'refusal'>> {
  try {
    const { packed, digest } = await cache.take();
    if (offset >= packed.length)
      throw new FarcallError(
        'MESSAGE_INVALID',
        `offset ${offset} is past the end: there are ${packed.length} bytes`,
      );
    const bytes = packed.subarray(offset, offset + KERNEL_TYPES_LIMITS.partBytes);
    return { part: { digest, packedBytes: packed.length, bytes } };
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return { refusal: { code, message: withoutControls(message.slice(0, 1000)) } };
  }
}
