import { join } from 'node:path';
import { z } from 'zod';
import { readSecretText } from '../../shared/files/index.ts';
import { shortLivedFiles } from './short-lived.ts';
import {
  checkSite,
  parseSecretJson,
  readSite,
  readSiteFile,
  SITE_FILES,
  type SiteDescription,
  writeSiteFiles,
} from './site-files.ts';

const seed = z.string().regex(/^S[OA][A-Z2-7]{56}$/);
const seedsSchema = z.strictObject({
  ...{ operator: seed, claims: seed, account: seed, hosts: seed, system: seed },
});

/** Names and addresses that a site gets in addition. */
export type MoreNames = Pick<SiteDescription, 'hosts' | 'brokerHosts'>;

/**
 * Renews the certificates and the controller's broker credentials of a site, by the same authority: nothing
 * changes on hosts and for operators. The certificates get the names in `more` too, after those that they
 * have; hosts are still told the first. `offline/` must be there. Returns what the site is now. Throws
 * FILE_UNREADABLE where it is not, and CONFIG_INVALID for a wrong name.
 */
export async function renewSite(
  folder: string,
  nowMs: number,
  more: { readonly [K in keyof MoreNames]?: readonly string[] } = {},
): Promise<SiteDescription> {
  const before = readSite(folder);
  const site = checkSite({
    ...before,
    hosts: [...new Set([...before.hosts, ...(more.hosts ?? [])])],
    brokerHosts: [...new Set([...before.brokerHosts, ...(more.brokerHosts ?? [])])],
  });
  const authority = {
    certificate: readSiteFile(folder, SITE_FILES.authority),
    key: readSecretText(join(folder, SITE_FILES.authorityKey)),
  };
  const seeds = parseSecretJson(join(folder, SITE_FILES.seeds), seedsSchema);
  writeSiteFiles(folder, {
    [SITE_FILES.site]: `${JSON.stringify(site, null, 2)}\n`,
    ...(await shortLivedFiles({ site, authority, seeds, nowMs })),
  });
  return site;
}
