import { FarcallError } from '../errors/index.ts';
import type { LabelsStatement } from '../messages/index.ts';
import { verifyToken } from '../tokens/index.ts';
import {
  hostRemovers,
  hostRemoversNeeded,
  keyringOf,
  outsideScope,
  type TrustBundle,
} from '../trust/index.ts';

type Labels = Readonly<Record<string, string>>;
type ScopingBundle = Pick<TrustBundle, 'site' | 'approvers' | 'teams' | 'scopes'>;

/** The host that shall have other labels, and by what signatures for that are verified. */
export interface RelabelledHost {
  readonly host: string;
  /** Id of the key with which the host is enrolled. */
  readonly kid: string;
  /** The labels that it has now. */
  readonly labels: Labels;
  readonly bundle: ScopingBundle;
  readonly nowMs: number;
}

/** A valid signature for new labels of a host. */
export interface VerifiedHostLabels {
  readonly by: string;
  /** Which change of the labels of this host it is, from 1. */
  readonly number: number;
  readonly labels: Labels;
  readonly reason: string;
  readonly endsAtMs: number;
}

/**
 * Checks that an approver gives exactly this host other labels.
 *
 * Threats answered: labels for another host, or for the machine that had this name before (TOKEN_CLAIMS);
 * those of another site (SITE_OTHER); by somebody who is no approver, or no longer (TOKEN_KEY_UNKNOWN); a
 * statement that was kept back and comes late (TOKEN_EXPIRED). Labels decide which requests mean a host and
 * whose scopes cover it. So somebody whose scopes do not cover everything on this host, with the labels that
 * it has and with those that it gets, could move a host to where their own approval counts, or out of
 * another team's reach (SCOPE_EXCEEDED).
 */
export async function verifyHostLabels(
  token: string,
  { host, kid, labels: before, bundle, nowMs }: RelabelledHost,
): Promise<VerifiedHostLabels> {
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs };
  const { claims, signer } = await verifyToken('hostLabels', token, options);
  if (claims.host !== host || claims.kid !== kid)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `the labels by ${signer} are for ${claims.host} with the key ${claims.kid}, and this is ${host} with ${kid}`,
    );
  const outside = mayNotLabel(bundle, signer, { host, labels: [before, claims.labels] });
  if (outside !== undefined)
    throw new FarcallError('SCOPE_EXCEEDED', `${signer} may not change the labels of ${host}: ${outside}`);
  const { number, labels, reason } = claims;
  return { by: signer, number, labels, reason, endsAtMs: claims.exp * 1000 };
}

/** New labels of a host, and the people who signed them. */
export interface VerifiedLabels extends Pick<VerifiedHostLabels, 'number' | 'labels'> {
  readonly by: readonly string[];
}

/**
 * Checks new labels that travelled to a host: each signature by {@link verifyHostLabels}, all for the same
 * change, by as many different people as it takes to remove a host, and newer than change `number`, which
 * this host took last. Throws TOKEN_CLAIMS, APPROVALS_INSUFFICIENT, and the codes of tokens.
 *
 * Threats answered: one stolen key, or a controller alone, gives a host other labels
 * (APPROVALS_INSUFFICIENT); signatures for different labels are put together; an older statement is sent
 * again, and puts a host back under labels that it has lost (TOKEN_CLAIMS).
 */
export async function verifyLabelsStatement(
  { tokens }: LabelsStatement,
  host: RelabelledHost & { readonly number: number },
): Promise<VerifiedLabels> {
  const signed = await Promise.all(tokens.map(token => verifyHostLabels(token, host)));
  const [first] = signed;
  if (!first || signed.some(each => !isSameChange(each, first)))
    throw new FarcallError('TOKEN_CLAIMS', `the signatures are for different labels of ${host.host}`);
  const { number, labels } = first;
  if (number <= host.number)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `this is change ${number} of the labels of ${host.host}, which has change ${host.number} already`,
    );
  const by = [...new Set(signed.map(each => each.by))].sort();
  const needed = hostRemoversNeeded(host.bundle, host.nowMs);
  if (by.length < needed)
    throw new FarcallError(
      'APPROVALS_INSUFFICIENT',
      `${by.join(', ')} signed for the labels of ${host.host}; it takes ${needed} people`,
    );
  return { number, labels, by };
}

/** Whether two signatures are for the same labels, as the same change. */
export function isSameChange(
  one: Pick<VerifiedHostLabels, 'number' | 'labels'>,
  other: Pick<VerifiedHostLabels, 'number' | 'labels'>,
): boolean {
  return one.number === other.number && labelsText(one.labels) === labelsText(other.labels);
}

/** Labels as JSON, sorted by name: equal labels are equal text. */
export function labelsText(labels: Labels): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The labels in the facts of a host but for `host`, its name, which is no label that people give. */
export function ownLabels({ host: _name, ...own }: Labels): Labels {
  return own;
}

/** The names of the people who may change the labels of a host that has these labels, sorted. */
export function hostLabellers(
  bundle: ScopingBundle,
  { host, labels }: Pick<RelabelledHost, 'host' | 'labels'>,
  nowMs: number,
): readonly string[] {
  return hostRemovers(bundle, nowMs).filter(
    person => mayNotLabel(bundle, person, { host, labels: [labels] }) === undefined,
  );
}

/** A program that may do anything: only a scope without limits but hosts covers it. */
const ANYTHING = { policy: 'standard', effect: 'write', indirectCalls: true } as const;

/** Why `person` may not decide about a host with each of these labels; undefined if they may. */
function mayNotLabel(
  bundle: ScopingBundle,
  person: string,
  { host, labels }: { readonly host: string; readonly labels: readonly Labels[] },
): string | undefined {
  const hosts = labels.map(each => ({ host, labels: each }));
  return outsideScope(bundle, { person, may: 'approve' }, { request: ANYTHING, hosts });
}
