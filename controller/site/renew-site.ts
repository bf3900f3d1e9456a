import { join } from 'node:path';
import { z } from 'zod';
import { readSecretText } from '../../shared/files/index.ts';
import { shortLivedFiles } from './short-lived.ts';
import { parseSecretJson, readSite, readSiteFile, SITE_FILES, writeSiteFiles } from './site-files.ts';

const seed = z.string().regex(/^S[OA][A-Z2-7]{56}$/);
const seedsSchema = z.strictObject({
  ...{ operator: seed, claims: seed, account: seed, hosts: seed, system: seed },
});

/**
 * Renews the certificates and the controller's broker credentials of a site, for the same names, by the same
 * authority: nothing changes on hosts and for operators. `offline/` must be there. Throws FILE_UNREADABLE
 * where it is not.
 */
export async function renewSite(folder: string, nowMs: number): Promise<void> {
  const site = readSite(folder);
  const authority = {
    certificate: readSiteFile(folder, SITE_FILES.authority),
    key: readSecretText(join(folder, SITE_FILES.authorityKey)),
  };
  const seeds = parseSecretJson(join(folder, SITE_FILES.seeds), seedsSchema);
  writeSiteFiles(folder, await shortLivedFiles({ site, authority, seeds, nowMs }));
}
