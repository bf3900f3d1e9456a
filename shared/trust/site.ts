import { fields } from '../messages/index.ts';
import { digestText, sha256, shortSite } from '../tokens/index.ts';
import type { Roots } from './bundle.ts';

/** The members of a trust bundle, and of a file of roots, that say which site it is for. */
export const siteFields = {
  /** {@link siteOf} the first roots. It stays when the roots change. */
  site: fields.siteId,
  /** A name for people. The site depends on it, so it stays too. */
  siteLabel: fields.principalName.optional(),
};

/** The site of a trust bundle or of a file of roots. */
export interface Site {
  readonly site: string;
  readonly siteLabel?: string | undefined;
}

/**
 * The site that begins with `roots`: the SHA-256 of their canonical JSON in base64url. The label, if there is
 * one, comes first in that JSON, so that two sites with the same roots differ by their labels.
 */
export function siteOf({ threshold, members }: Roots, siteLabel?: string): string {
  const first = { ...(siteLabel !== undefined && { siteLabel }), threshold, members };
  return digestText(sha256(Buffer.from(JSON.stringify(first), 'utf8')));
}

/** A site as people read it: its label, if it has one, and the beginning of its id. */
export function siteName({ site, siteLabel }: Site): string {
  return siteLabel === undefined ? shortSite(site) : `${siteLabel} (${shortSite(site)})`;
}
