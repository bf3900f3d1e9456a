import { enforcesSignatures, type ModuleFacts } from './signing-facts.ts';

/** The certificate by which a controller's modules are verified. */
export interface ModuleTrustAnchor {
  readonly name: string;
  /** As kernels name the key. */
  readonly keyId: string;
}

/** How the kernels of some hosts take signatures. */
export interface SigningSummary {
  /** Name of the certificate that they were held against; absent where the controller signs no modules. */
  readonly anchor?: string | undefined;
  /** Hosts whose kernel takes signed modules only. */
  readonly enforcing: number;
  /** Of these: hosts whose kernel trusts the certificate, trusts it not, or where the agent does not say. */
  readonly trusting: number;
  readonly distrusting: number;
  readonly silent: number;
}

/**
 * Counts hosts by whether they can load what `anchor` verifies; undefined where this controller signs no
 * modules.
 */
export function summariseSigning(
  hosts: Iterable<ModuleFacts>,
  anchor: ModuleTrustAnchor | undefined,
): SigningSummary {
  const counts = { enforcing: 0, trusting: 0, distrusting: 0, silent: 0 };
  for (const facts of hosts) {
    if (!enforcesSignatures(facts)) continue;
    counts.enforcing++;
    if (!facts.signing) counts.silent++;
    else if (anchor && facts.signing.keys.some(({ keyId }) => keyId === anchor.keyId)) counts.trusting++;
    else counts.distrusting++;
  }
  return { ...(anchor && { anchor: anchor.name }), ...counts };
}

/**
 * `312 hosts enforce signatures: 300 trust fleet-2026, 12 trust no key of ours`; empty where none does, so
 * that a plan for such hosts says nothing of it.
 */
export function signingSummaryText({
  anchor,
  enforcing,
  trusting,
  distrusting,
  silent,
}: SigningSummary): string {
  if (enforcing === 0) return '';
  const who = enforcing === 1 ? '1 host enforces signatures' : `${enforcing} hosts enforce signatures`;
  if (anchor === undefined) return `${who}: this controller signs no modules`;
  const parts = [
    ...(trusting > 0 ? [`${trusting} trust ${anchor}`] : []),
    ...(distrusting > 0 ? [`${distrusting} trust no key of ours`] : []),
    ...(silent > 0 ? [`${silent} do not say whom they trust`] : []),
  ];
  return `${who}: ${parts.join(', ')}`;
}
