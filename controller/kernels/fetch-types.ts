import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { PROTOCOL_VERSION, type TypesReply, typesQueryCodec } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { HostQueries } from '../host-queries/index.ts';
import type { KernelBuild } from '../store/index.ts';
import { buildKey, buildName } from './kernel-builds.ts';

/**
 * How long a host may take for one part. It packs the types when it is asked for the first, which takes
 * seconds on a slow machine.
 */
const PART_LIMIT_MS = 30_000;

/** Inputs of {@link fetchTypes}, by reference; owned by the caller. */
export interface FetchTypesDeps {
  readonly hostQueries: Pick<HostQueries, 'ask'>;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** The host to ask, and the kernel that it must still be running. */
export interface FetchTypesTarget {
  readonly host: string;
  readonly build: KernelBuild;
  readonly signal: AbortSignal;
}

type Part = NonNullable<TypesReply['part']>;

/**
 * The packed types of a host's kernel, fetched part by part. Throws UNREACHABLE if the host does not answer,
 * the code of its refusal, and MESSAGE_INVALID if the parts do not add up to what it announced, or are of
 * another kernel.
 */
export async function fetchTypes(deps: FetchTypesDeps, target: FetchTypesTarget): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let [received, first] = [0, undefined as Part | undefined];
  do {
    const part = await askPart(deps, target, received);
    first ??= part;
    if (!sameBytes(part.digest, first.digest) || part.packedBytes !== first.packedBytes)
      throw invalid(target, 'its parts belong to different kernels or versions of them');
    parts.push(part.bytes);
    received += part.bytes.length;
  } while (received < first.packedBytes);
  const packed = Buffer.concat(parts);
  if (packed.length !== first.packedBytes || !sameBytes(sha256(packed), first.digest))
    throw invalid(target, 'its parts do not add up to what it announced');
  return packed;
}

async function askPart(deps: FetchTypesDeps, target: FetchTypesTarget, offset: number): Promise<Part> {
  const { hostQueries, newId, clock } = deps;
  const { host, build, signal } = target;
  const query = typesQueryCodec.encode({
    protocol: PROTOCOL_VERSION,
    ...{ id: newId(), host, offset, createdAtMs: clock.nowMs() },
  });
  using replies = await hostQueries.ask('types', query, [host]);
  await replies.complete(PART_LIMIT_MS, signal);
  const [reply] = replies.inOrder();
  if (!reply) throw new FarcallError('UNREACHABLE', `${host} did not answer in time`);
  const { kernelRelease, kernelVersion, arch, refusal, part } = reply.content;
  if (refusal) throw new FarcallError(refusal.code, `${host}: ${refusal.message}`);
  const running = { release: kernelRelease, version: kernelVersion, arch };
  if (buildKey(running) !== buildKey(build)) throw invalid(target, `it now runs ${buildName(running)}`);
  if (!part) throw invalid(target, 'it sends nothing');
  return part;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function invalid({ host }: FetchTypesTarget, why: string): FarcallError {
  return new FarcallError('MESSAGE_INVALID', `the types that ${host} sends cannot be used: ${why}`);
}
