import { enforcesSignatures, type ModuleFacts } from './signing-facts.ts';

/** The certificate with which kernels verify the modules of a controller. */
export interface ModuleTrustAnchor {
  /** Common name of the certificate. */
  readonly name: string;
  /** Subject key identifier in hex, as kernels name the key. */
  readonly keyId: string;
}

/** How many hosts accept modules that a controller signs. */
export interface SigningSummary {
  /** Name of the certificate that was looked for; absent if the controller signs no modules. */
  readonly anchor?: string | undefined;
  /** Hosts whose kernel accepts signed modules only. */
  readonly enforcing: number;
  /** Of these: hosts whose kernel trusts the certificate. */
  readonly trusting: number;
  /** Of these: hosts whose kernel does not trust it. */
  readonly distrusting: number;
  /** Of these: hosts whose agent does not report the keys. */
  readonly silent: number;
}

/**
 * Counts the hosts that can load a module that `anchor` verifies. If `anchor` is undefined, the controller
 * signs no modules, and no host counts as trusting.
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
 * `312 hosts enforce signatures: 300 trust fleet-2026, 12 trust no key of ours`. Empty if no host enforces
 * signatures, so that a plan for such hosts does not mention them.
 */
export function signingSummaryText({
  anchor,
  enforcing,
  trusting,
  distrusting,
  silent,
}: SigningSummary): string {
  if (enforcing === 0) return '';
  const hosts = enforcing === 1 ? '1 host enforces signatures' : `${enforcing} hosts enforce signatures`;
  if (anchor === undefined) return `${hosts}: this controller signs no modules`;
  const parts = [
    ...(trusting > 0 ? [`${trusting} trust ${anchor}`] : []),
    ...(distrusting > 0 ? [`${distrusting} trust no key of ours`] : []),
    ...(silent > 0 ? [`${silent} do not report their keys`] : []),
  ];
  return `${hosts}: ${parts.join(', ')}`;
}
