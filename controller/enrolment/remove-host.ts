import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { HostRemovalSubmission, HostRemovalView } from '../../shared/messages/index.ts';
import { hostRemoversNeeded, hostRemoversOf, verifyHostRemoval } from '../../shared/trust/index.ts';
import type { HostCredentials } from '../broker/index.ts';
import type { LoginEnforcer } from '../locks/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostRemovalSignature, HostRemovalStore, RemovableHost } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores and services that removals of hosts use. */
export interface RemoveHostDeps {
  readonly hostRemovals: HostRemovalStore;
  readonly trust: TrustSource;
  readonly hostCredentials: HostCredentials | undefined;
  readonly loginEnforcer: Pick<LoginEnforcer, 'enforce'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A signature that counts now, and until when. */
interface StandingSignature extends HostRemovalSignature {
  readonly endsAtMs: number;
}

/** How often a signature is judged again because another one came meanwhile. */
const TRIES = 5;

/**
 * The removal of a host as it stands: who has signed for it, and who may yet. Throws NOT_FOUND if there is no
 * such host.
 */
export async function viewHostRemoval(deps: RemoveHostDeps, host: string): Promise<HostRemovalView> {
  const found = await deps.hostRemovals.find(host);
  return viewOf(deps, found, await standingSignatures(deps, found));
}

/**
 * Takes one person's signature for the removal of a host. Once enough different people have signed, the host
 * is removed, and the broker ends its connections. Throws NOT_FOUND if there is no such host, the codes of
 * `verifyHostRemoval`, and CONFLICT if this person has signed already.
 *
 * Threat: one stolen key removes hosts, and with them what they would say. So it takes two people, and each
 * signature is verified again when it is counted: that of an approver who was locked or removed since does
 * not count.
 */
export async function submitHostRemoval(
  deps: RemoveHostDeps,
  { host, token, submittedBy }: HostRemovalSubmission & { readonly submittedBy: string },
): Promise<HostRemovalView> {
  const { hostRemovals, trust, clock, log } = deps;
  for (let tries = 0; tries < TRIES; tries++) {
    const of = await hostRemovals.find(host);
    const bundle = trust.current();
    const nowMs = clock.nowMs();
    const { by: signer, reason, endsAtMs } = await verifyHostRemoval({ ...of, token, bundle, nowMs });
    const before = await standingSignatures(deps, of);
    const own = { signer, reason, token, signedAtMs: nowMs, endsAtMs };
    const view = viewOf(deps, of, [...before, own]);
    if (before.some(each => each.signer === signer)) throw signedAlready(viewOf(deps, of, before), signer);
    const isEnough = view.signatures.length >= view.needed;
    const trustVersion = bundle.version;
    const kept = await hostRemovals.sign({
      ...{ of, signer, reason, token, submittedBy, trustVersion, with: isEnough ? before : undefined },
    });
    if (!kept) continue;
    log.info({ host, signer, submittedBy, reason }, isEnough ? 'host removed' : 'host removal signed');
    return isEnough ? { ...view, removed: await takeOffBroker(deps) } : view;
  }
  throw new FarcallError('CONFLICT', `the removal of ${host} changes too fast; try again`);
}

/** The hosts for whose removal somebody has signed, each with the names of these people. */
export async function proposedRemovals(
  deps: RemoveHostDeps,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await deps.hostRemovals.proposed();
  const signers = await Promise.all(
    found.map(async each => {
      const standing = await standingSignatures(deps, each);
      return [each.host, standing.map(({ signer }) => signer)] as const;
    }),
  );
  return new Map(signers.filter(([, names]) => names.length > 0));
}

/** The signatures that are valid now, one of each person. */
async function standingSignatures(
  { trust, clock }: Pick<RemoveHostDeps, 'trust' | 'clock'>,
  { host, kid, labels, signatures }: RemovableHost,
): Promise<StandingSignature[]> {
  const bundle = trust.current();
  const standing = new Map<string, StandingSignature>();
  for (const signature of signatures) {
    try {
      const { token } = signature;
      const toVerify = { token, host, kid, labels, bundle, nowMs: clock.nowMs() };
      const { by, endsAtMs } = await verifyHostRemoval(toVerify);
      if (by === signature.signer) standing.set(by, { ...signature, endsAtMs });
    } catch (error) {
      if (!(error instanceof FarcallError)) throw error;
    }
  }
  return [...standing.values()];
}

function viewOf(
  { trust, clock }: Pick<RemoveHostDeps, 'trust' | 'clock'>,
  { host, kid, labels }: RemovableHost,
  signatures: readonly StandingSignature[],
): HostRemovalView {
  const nowMs = clock.nowMs();
  const signed = new Set(signatures.map(({ signer }) => signer));
  return {
    ...{ host, kid, labels: { ...labels } },
    signatures: signatures.map(({ signer, reason, signedAtMs, endsAtMs }) => ({
      ...{ signer, reason, signedAtMs, endsAtMs },
    })),
    needed: hostRemoversNeeded(trust.signed(), nowMs),
    others: hostRemoversOf(trust.current(), { host, labels }, nowMs).filter(name => !signed.has(name)),
  };
}

function signedAlready({ host, others }: HostRemovalView, signer: string): FarcallError {
  const who = others.length > 0 ? others.join(', ') : 'another approver';
  return new FarcallError(
    'CONFLICT',
    `${signer} has signed the removal of ${host} already; it takes one more person: ${who}`,
  );
}

async function takeOffBroker({
  loginEnforcer,
  clock,
  hostCredentials,
}: RemoveHostDeps): Promise<NonNullable<HostRemovalView['removed']>> {
  const broker = await loginEnforcer.enforce();
  return { broker, credentialUntilMs: clock.nowMs() + (hostCredentials?.lifeMs ?? 0) };
}
