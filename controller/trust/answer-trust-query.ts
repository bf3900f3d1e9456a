import { FarcallError } from '../../shared/errors/index.ts';
import {
  MESSAGE_LIMIT_BYTES,
  type SignedBundle,
  type TrustReply,
  trustQueryCodec,
  trustReplyCodec,
} from '../../shared/messages/index.ts';
import type { HostMessage } from '../bus/index.ts';
import type { TrustStore } from '../store/index.ts';
import type { PublishFreshnessDeps } from './publish-freshness.ts';
import type { TrustRegistry } from './trust-registry.ts';

/** The stores and services that {@link answerTrustQuery} uses. */
export interface TrustAnswerDeps {
  readonly trustBundles: Pick<TrustStore, 'path'>;
  readonly registry: Pick<TrustRegistry, 'newest'>;
}

/** How many bundles one reply may hold. */
const REPLY_LIMIT_BUNDLES = 64;

/** The most bytes that the framing of a bundle takes, in addition to its own. */
const FRAMING_BYTES = 64;

/** Bytes of a reply that are reserved for its statement of the newest bundle. */
const STATEMENT_BYTES = 8300;

/** Answers a host that asks which trust bundles are newer than its own. */
export async function answerTrustQuery(
  deps: TrustAnswerDeps & Pick<PublishFreshnessDeps, 'signFreshness'>,
  { host, bytes }: HostMessage,
): Promise<Uint8Array> {
  const query = trustQueryCodec.decode(bytes);
  if (query.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} asks for trust bundles in the name of ${query.host}`);
  const reply = await trustAfter(deps, query.afterVersion);
  return trustReplyCodec.encode({ ...reply, freshness: await deps.signFreshness() });
}

/**
 * The bundles that lead from `afterVersion` to the newest, as many as fit into one message. If there is a
 * newer one, the reply holds at least one, because the largest bundle fits.
 */
export async function trustAfter(
  { trustBundles, registry }: TrustAnswerDeps,
  afterVersion: number,
): Promise<TrustReply> {
  const newestVersion = registry.newest()?.bundle.version ?? 0;
  const bundles: SignedBundle[] = [];
  let lastVersion = afterVersion;
  let sizeBytes = FRAMING_BYTES + STATEMENT_BYTES;
  for (const { version, signed } of await trustBundles.path(afterVersion, REPLY_LIMIT_BUNDLES)) {
    sizeBytes += sizeOf(signed);
    if (sizeBytes > MESSAGE_LIMIT_BYTES) break;
    bundles.push(signed);
    lastVersion = version;
  }
  return { bundles, lastVersion, newestVersion };
}

function sizeOf({ bundle, signatures }: SignedBundle): number {
  return signatures.reduce((sum, { length }) => sum + length + 4, bundle.length + FRAMING_BYTES);
}
