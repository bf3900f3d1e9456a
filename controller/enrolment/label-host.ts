import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  hostLabellers,
  isSameChange,
  type VerifiedHostLabels,
  verifyHostLabels,
} from '../../shared/host-labels/index.ts';
import {
  type HostLabelsSubmission,
  type HostLabelsView,
  labelsStatementCodec,
} from '../../shared/messages/index.ts';
import { toHostSubject } from '../../shared/subjects/index.ts';
import { hostRemoversNeeded } from '../../shared/trust/index.ts';
import type { Bus } from '../bus/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostLabelsSignature, HostLabelsStore, LabelledHost } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores and services that changes of labels use. */
export interface LabelHostDeps {
  readonly hostLabels: HostLabelsStore;
  readonly trust: TrustSource;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A signature that counts now. */
interface StandingSignature extends HostLabelsSignature, Pick<VerifiedHostLabels, 'number' | 'endsAtMs'> {}

/** How often a signature is evaluated again because another one came meanwhile. */
const TRIES = 5;

/** The labels of a host, and who has signed for other ones. Throws NOT_FOUND if there is no such host. */
export async function viewHostLabels(deps: LabelHostDeps, host: string): Promise<HostLabelsView> {
  const found = await deps.hostLabels.find(host);
  return viewOf(deps, found, await standingSignatures(deps, found));
}

/**
 * Takes one person's signature for other labels of a host. Once enough different people have signed for the
 * same labels, the host has them here, and they are sent to it. Throws NOT_FOUND if there is no such host,
 * the codes of `verifyHostLabels`, and CONFLICT if the labels were changed since it was signed, or if this
 * person has signed for these labels already.
 *
 * Threat: one stolen key moves a host to where its holder may approve alone. So it takes as many people as
 * the removal of a host, and each signature is verified again when it is counted. The host verifies them too.
 */
export async function submitHostLabels(
  deps: LabelHostDeps,
  { host, token, submittedBy }: HostLabelsSubmission & { readonly submittedBy: string },
): Promise<HostLabelsView> {
  const { hostLabels, trust, clock, log } = deps;
  for (let tries = 0; tries < TRIES; tries++) {
    const of = await hostLabels.find(host);
    const bundle = trust.current();
    const nowMs = clock.nowMs();
    const signed = await verifyHostLabels(token, { ...of, bundle, nowMs });
    refuseOtherNumber(of, signed);
    const alike = (await standingSignatures(deps, of)).filter(each => isSameChange(each, signed));
    if (alike.some(({ signer }) => signer === signed.by)) throw signedAlready(host, signed.by);
    const isEnough = alike.length + 1 >= hostRemoversNeeded(trust.signed(), nowMs);
    const { by: signer, labels, reason } = signed;
    const kept = await hostLabels.sign({
      ...{ of, signer, labels, reason, token, submittedBy, trustVersion: bundle.version },
      with: isEnough ? alike : undefined,
    });
    if (!kept) continue;
    log.info(
      { host, signer, submittedBy, labels, reason },
      isEnough ? 'host labelled' : 'host labels signed',
    );
    if (isEnough) await sendLabels(deps, host, [...alike.map(each => each.token), token]);
    return viewHostLabels(deps, host);
  }
  throw new FarcallError('CONFLICT', `the labels of ${host} change too fast; try again`);
}

/** The hosts for which somebody has signed other labels, each with the names of these people. */
export async function proposedLabels(deps: LabelHostDeps): Promise<ReadonlyMap<string, readonly string[]>> {
  const signers = new Map<string, readonly string[]>();
  for (const each of await deps.hostLabels.proposed()) {
    const names = (await standingSignatures(deps, each)).map(({ signer }) => signer);
    if (names.length > 0) signers.set(each.host, [...new Set(names)]);
  }
  return signers;
}

/**
 * Sends the labels to the host, which verifies them. If it is away, it gets them when it asks for what it
 * missed.
 */
async function sendLabels(
  { bus, log }: LabelHostDeps,
  host: string,
  tokens: readonly string[],
): Promise<void> {
  try {
    await bus.publish(toHostSubject(host, 'labels'), labelsStatementCodec.encode({ tokens: [...tokens] }));
  } catch (error) {
    log.warn({ host, err: error }, 'the labels cannot be sent now: the host gets them when it asks');
  }
}

/** The signatures that are valid now, one of each person for each set of labels. */
async function standingSignatures(
  { trust, clock }: LabelHostDeps,
  of: LabelledHost,
): Promise<StandingSignature[]> {
  const bundle = trust.current();
  const standing: StandingSignature[] = [];
  for (const signature of of.signatures) {
    try {
      const verified = await verifyHostLabels(signature.token, { ...of, bundle, nowMs: clock.nowMs() });
      const isNext = verified.by === signature.signer && verified.number === of.number + 1;
      if (isNext) standing.push({ ...signature, ...verified });
    } catch (error) {
      if (!(error instanceof FarcallError)) throw error;
    }
  }
  return standing;
}

function viewOf(
  { trust, clock }: LabelHostDeps,
  of: LabelledHost,
  signatures: readonly StandingSignature[],
): HostLabelsView {
  const nowMs = clock.nowMs();
  const { host, kid, labels, number } = of;
  return {
    ...{ host, kid, labels: { ...labels }, number },
    proposals: signatures.map(each => ({
      ...{ signer: each.signer, labels: { ...each.labels }, reason: each.reason },
      ...{ signedAtMs: each.signedAtMs, endsAtMs: each.endsAtMs },
    })),
    needed: hostRemoversNeeded(trust.signed(), nowMs),
    able: [...hostLabellers(trust.current(), of, nowMs)],
  };
}

/** Threat: a signature for one change counts for a later one, which its signer has not seen. */
function refuseOtherNumber({ host, number }: LabelledHost, signed: VerifiedHostLabels): void {
  if (signed.number === number + 1) return;
  throw new FarcallError(
    'CONFLICT',
    `${signed.by} signed change ${signed.number} of the labels of ${host}, and the next one is ${number + 1}: look again`,
  );
}

function signedAlready(host: string, signer: string): FarcallError {
  return new FarcallError(
    'CONFLICT',
    `${signer} has signed for these labels of ${host} already; it takes another person`,
  );
}
