import { isDeepStrictEqual } from 'node:util';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { SignedBundle } from '../../shared/messages/index.ts';
import { evaluateBundle, type PinnedRoots, type VerifiedBundle } from '../../shared/trust/index.ts';
import type { Logger } from '../log/index.ts';
import type { TrustStore } from '../store/index.ts';

/** The bundles of a controller: the newest at hand, all of them in the store. */
export interface TrustRegistry {
  newest(): VerifiedBundle | undefined;
  /**
   * Accepts a bundle; true if it is newer. Throws the codes of `evaluateBundle`, STORE_FAILED, UNREACHABLE.
   */
  publish(signed: SignedBundle): Promise<boolean>;
  /** Looks whether another controller has accepted newer ones. */
  refresh(): Promise<void>;
  /** Calls `listener` whenever a newer bundle was accepted. */
  onChange(listener: () => void): void;
}

export interface TrustRegistryDeps {
  readonly trustBundles: TrustStore;
  /** The roots in the controller's configuration; they count until there is a bundle. */
  readonly pinned: PinnedRoots;
  readonly log: Logger;
}

/** How many bundles may wait to be evaluated. */
const WAITING_LIMIT = 4;
/** How many bundles of other controllers are read at a time. */
const CATCH_UP_LIMIT = 64;

/**
 * Opens the bundles in the store. Throws TRUST_INVALID if one is damaged, and TRUST_SIGNATURES if the roots
 * in the configuration do not lead to the newest.
 *
 * Anybody who reaches the operator API may publish, because at first there is nobody who could be
 * authenticated, and an expired bundle must be replaceable when nobody can be any more. What counts is who
 * signed.
 *
 * Threats: a bundle that the roots did not sign, an old one, a second one of a version (`evaluateBundle`);
 * somebody who keeps the controller busy with checking (size and number of signatures are limited, one is
 * checked at a time, few wait).
 */
export async function openTrustRegistry(deps: TrustRegistryDeps): Promise<TrustRegistry> {
  let current = await storedBundle(deps);
  let evaluating: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const listeners: (() => void)[] = [];
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  /**
   * Threat: somebody writes a bundle into the store. The roots must have signed it, as one that is published.
   */
  const catchUp = async (): Promise<void> => {
    const version = current?.bundle.version ?? 0;
    if ((await deps.trustBundles.newestVersion()) <= version) return;
    for (const { signed } of await deps.trustBundles.path(version, CATCH_UP_LIMIT)) {
      const verdict = await evaluateBundle(signed, { pinned: deps.pinned, current });
      if (verdict.effect === 'known') continue;
      current = verdict.verified;
      deps.log.info(about(current), 'trust bundle adopted from another controller');
    }
    notify();
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = evaluating.then(work);
    evaluating = done.catch(() => undefined);
    return done;
  };
  const evaluate = async (signed: SignedBundle): Promise<boolean> => {
    await catchUp();
    const verdict = await evaluateBundle(signed, { pinned: deps.pinned, current }).catch(thrown =>
      refuse(deps.log, signed, thrown),
    );
    if (verdict.effect === 'known') return false;
    const { verified } = verdict;
    const changesRoots = !isDeepStrictEqual(current?.bundle.roots, verified.bundle.roots);
    await deps.trustBundles.add(verified, changesRoots);
    current = verified;
    deps.log.info(about(verified), 'new trust bundle accepted');
    notify();
    return true;
  };
  return {
    newest: () => current,
    publish(signed) {
      if (waiting >= WAITING_LIMIT)
        return Promise.reject(
          new FarcallError('UNREACHABLE', 'the controller is busy with other trust bundles; try again'),
        );
      waiting += 1;
      return inTurn(() => evaluate(signed)).finally(() => {
        waiting -= 1;
      });
    },
    refresh: () => inTurn(catchUp),
    onChange: listener => void listeners.push(listener),
  };
}

/**
 * The newest bundle in the store; undefined if there is none.
 *
 * Threat: somebody who can write to the database puts a bundle there with roots and people of their own, and
 * the controller believes it from its next start on. So each change of roots is followed again, from the
 * roots in the configuration on. Those may be later ones than the first: what came before them is passed
 * over.
 */
async function storedBundle({
  trustBundles,
  pinned,
}: Pick<TrustRegistryDeps, 'trustBundles' | 'pinned'>): Promise<VerifiedBundle | undefined> {
  let current: VerifiedBundle | undefined;
  let passedOver: unknown;
  for (let after = 0; ; ) {
    const bundles = await trustBundles.path(after, CATCH_UP_LIMIT);
    for (const { version, signed } of bundles) {
      after = version;
      try {
        const verdict = await evaluateBundle(signed, { pinned, current });
        if (verdict.effect === 'newer') current = verdict.verified;
      } catch (thrown) {
        if (current || toFarcallError(thrown).code !== 'TRUST_SIGNATURES') throw thrown;
        passedOver = thrown;
      }
    }
    if (bundles.length > 0) continue;
    if (!current && passedOver) throw passedOver;
    return current;
  }
}

function refuse(log: Logger, { signatures }: SignedBundle, thrown: unknown): never {
  const error = toFarcallError(thrown);
  if (error.code === 'TRUST_EQUIVOCATION')
    log.error(
      { code: error.code, signatures: signatures.length, err: error },
      'roots signed two bundles of one version',
    );
  throw error;
}

function about({ bundle, digest, signers }: VerifiedBundle): Record<string, unknown> {
  return {
    trustVersion: bundle.version,
    digest: `sha256:${Buffer.from(digest).toString('hex')}`,
    signers,
    expires: new Date(bundle.expiresAtMs).toISOString(),
  };
}
