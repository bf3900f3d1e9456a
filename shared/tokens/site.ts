import { FarcallError } from '../errors/index.ts';

/**
 * Characters of a site id that people see: 72 bits, which nobody finds a second time for a site of their own.
 */
const SHORT_CHARS = 12;

/** The beginning of a site id, as people compare it. The machine always compares all of it. */
export function shortSite(site: string): string {
  return site.slice(0, SHORT_CHARS);
}

/**
 * Throws SITE_OTHER, naming both, unless `site`, which `what` names, is the site `here`.
 *
 * Threat: the same people have the same keys at two sites, say a laboratory and production. What they sign at
 * the one must not count at the other, where a request, a host or a controller may have the same name.
 */
export function requireSite(what: string, site: string, here: string): void {
  if (site === here) return;
  throw new FarcallError('SITE_OTHER', `${what}: is for site ${shortSite(site)}, this is ${shortSite(here)}`);
}
