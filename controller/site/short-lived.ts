import { type BrokerSeeds, brokerControlFile, controllerCredentials } from '../broker/index.ts';
import { type CertifiedKey, newServerCertificate, SERVER_LIFE_MS } from './certificates.ts';
import { SITE_FILES, type SiteDescription } from './site-files.ts';

/** A site with its certificate authority and seeds, from which the files that expire are made. */
export interface ShortLivedInput {
  readonly site: SiteDescription;
  readonly authority: CertifiedKey;
  readonly seeds: BrokerSeeds;
  readonly nowMs: number;
}

/**
 * The files of a site that expire: both servers' certificates, and the controller's credentials and control
 * of the broker.
 */
export async function shortLivedFiles(input: ShortLivedInput): Promise<Record<string, string>> {
  const { site, authority, seeds, nowMs } = input;
  const certificate = (commonName: string, hosts: readonly string[]) =>
    newServerCertificate({ authority, commonName, hosts, nowMs });
  const api = await certificate(`farcall controller ${site.name}`, site.hosts);
  const broker = await certificate(`farcall broker of ${site.name}`, site.brokerHosts);
  const control = await brokerControlFile(site.name, seeds, nowMs + SERVER_LIFE_MS);
  return {
    [SITE_FILES.brokerControl]: `${JSON.stringify(control, null, 2)}\n`,
    [SITE_FILES.apiCertificate]: api.certificate,
    [SITE_FILES.apiKey]: api.key,
    [SITE_FILES.brokerCertificate]: broker.certificate,
    [SITE_FILES.brokerKey]: broker.key,
    [SITE_FILES.credentials]: await controllerCredentials(site.name, seeds, nowMs + SERVER_LIFE_MS),
  };
}
