import { enforcesSignatures, type ModuleFacts } from '../../shared/module-signing/index.ts';

/** The certificate by which a controller's modules are verified. */
export interface ModuleTrustAnchor {
  readonly name: string;
  /** As kernels name the key. */
  readonly keyId: string;
}

/** How the kernels of some hosts take signatures. */
export interface SigningSummary {
  readonly hosts: number;
  /** Hosts whose kernel takes signed modules only. */
  readonly enforcing: number;
  /** Of these: hosts whose kernel trusts the certificate, trusts it not, or where the agent does not say. */
  readonly trusting: number;
  readonly distrusting: number;
  readonly silent: number;
}

/** Counts hosts by whether they can load what `anchor` verifies; undefined where this controller signs no modules. */
export function summariseSigning(
  hosts: Iterable<ModuleFacts>,
  anchor: ModuleTrustAnchor | undefined,
): SigningSummary {
  const counts = { hosts: 0, enforcing: 0, trusting: 0, distrusting: 0, silent: 0 };
  for (const facts of hosts) {
    counts.hosts++;
    if (!enforcesSignatures(facts)) continue;
    counts.enforcing++;
    if (!facts.signing) counts.silent++;
    else if (facts.signing.keys.some(({ keyId }) => keyId === anchor?.keyId)) counts.trusting++;
    else counts.distrusting++;
  }
  return counts;
}

/**
 * `312 hosts enforce signatures: 300 trust fleet-2026, 12 trust no key of ours`; empty where none does, so that a plan for
 * such hosts says nothing of it.
 */
export function signingSummaryText(summary: SigningSummary, anchor: ModuleTrustAnchor | undefined): string {
  const { enforcing, trusting, distrusting, silent } = summary;
  if (enforcing === 0) return '';
  const parts = [
    ...(trusting > 0 ? [`${trusting} trust ${anchor?.name ?? ''}`] : []),
    ...(distrusting > 0 ? [`${distrusting} trust no key of ours`] : []),
    ...(silent > 0 ? [`${silent} do not say whom they trust`] : []),
  ];
  const who = enforcing === 1 ? '1 host enforces signatures' : `${enforcing} hosts enforce signatures`;
  return `${who}: ${parts.join(', ')}`;
}
