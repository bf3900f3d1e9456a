import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  PROTOCOL_VERSION,
  type TypesReply,
  typesEnvelopeCodec,
  typesQueryCodec,
} from '../../shared/messages/index.ts';
import { toHostSubject } from '../../shared/subjects/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { Bus } from '../bus/index.ts';
import type { TypesSigner } from '../signing/index.ts';
import type { KernelBuild } from '../store/index.ts';
import { buildKey, buildName } from './kernel-builds.ts';
import type { TypesReplies } from './types-replies.ts';

/** Longest that one part may take: the first is packed when it is asked for, which takes seconds on a slow machine. */
const PART_LIMIT_MS = 30_000;

/** What {@link fetchTypes} needs. */
export interface FetchTypesDeps {
  readonly bus: Pick<Bus, 'publish'>;
  readonly typesReplies: TypesReplies;
  readonly signTypes: TypesSigner;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Whom to ask, and about which kernel: what it says of another counts for nothing. */
export interface FetchTypesTarget {
  readonly host: string;
  readonly build: KernelBuild;
  readonly signal: AbortSignal;
}

type Part = NonNullable<TypesReply['part']>;

/**
 * The packed types of the kernel of `host`, asked for part by part. Throws UNREACHABLE where it does not answer, the code of its
 * refusal, and MESSAGE_INVALID where its parts do not make what it announced, or are of another kernel.
 */
export async function fetchTypes(deps: FetchTypesDeps, wish: FetchTypesTarget): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let [received, first] = [0, undefined as Part | undefined];
  do {
    const part = await askPart(deps, wish, received);
    first ??= part;
    if (!sameBytes(part.digest, first.digest) || part.packedBytes !== first.packedBytes)
      throw invalid(wish, 'its parts are not of one whole');
    parts.push(part.bytes);
    received += part.bytes.length;
  } while (received < first.packedBytes);
  const packed = Buffer.concat(parts);
  if (packed.length !== first.packedBytes || !sameBytes(sha256(packed), first.digest))
    throw invalid(wish, 'its parts do not make what it announced');
  return packed;
}

async function askPart(deps: FetchTypesDeps, wish: FetchTypesTarget, offset: number): Promise<Part> {
  const { bus, typesReplies, signTypes, newId, clock } = deps;
  const { host, build, signal } = wish;
  const query = typesQueryCodec.encode({
    protocol: PROTOCOL_VERSION,
    ...{ id: newId(), host, offset, createdAtMs: clock.nowMs() },
  });
  const envelope = typesEnvelopeCodec.encode({ query, token: await signTypes(query) });
  const awaited = typesReplies.await(sha256(query), host, { limitMs: PART_LIMIT_MS, signal });
  // Where the question cannot be sent, nobody waits for its answer.
  awaited.catch(() => undefined);
  await bus.publish(toHostSubject(host, 'types'), envelope);
  const { kernelRelease, kernelVersion, arch, refusal, part } = await awaited;
  if (refusal) throw new FarcallError(refusal.code, `${host}: ${refusal.message}`);
  const said = { release: kernelRelease, version: kernelVersion, arch };
  if (buildKey(said) !== buildKey(build)) throw invalid(wish, `it runs ${buildName(said)} by now`);
  if (!part) throw invalid(wish, 'it sends nothing');
  return part;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function invalid({ host }: FetchTypesTarget, why: string): FarcallError {
  return new FarcallError('MESSAGE_INVALID', `the types that ${host} sends cannot be used: ${why}`);
}
