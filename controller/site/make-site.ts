import { join, resolve } from 'node:path';
import { newSigningKey, writeKeyFile } from '../../shared/tokens/index.ts';
import { type BrokerSeeds, brokerConfig, brokerTrust, newBrokerSeeds } from '../broker/index.ts';
import { newStoreSecret } from '../store/index.ts';
import { newAuthority } from './certificates.ts';
import { shortLivedFiles } from './short-lived.ts';
import {
  BROKER_CLAIMS_FOLDER,
  makeSiteFolder,
  SITE_FILES,
  type SiteDescription,
  writeSiteFiles,
} from './site-files.ts';

/**
 * Makes everything that a controller and a broker need, in a folder of their own: certificate authority,
 * certificates, the broker's keys and configuration, the controller's key and configuration. What is missing
 * afterwards is the file of roots, which is people's to make.
 *
 * Threat: anyone who has the authority's key or the broker's seeds can pretend to be controller and broker
 * (and still cannot make a host run anything: hosts check signatures of people). They lie in `offline/`,
 * apart from what runs.
 */
export async function makeSite(folder: string, site: SiteDescription, nowMs: number): Promise<void> {
  makeSiteFolder(folder);
  const key = newSigningKey();
  const seeds = newBrokerSeeds();
  const authority = await newAuthority(`farcall ${site.name}`, nowMs);
  const { accountId } = await brokerTrust(seeds);
  writeSiteFiles(folder, {
    [SITE_FILES.site]: json(site),
    [SITE_FILES.authority]: authority.certificate,
    [SITE_FILES.authorityKey]: authority.key,
    [SITE_FILES.seeds]: json(seeds),
    [SITE_FILES.hostSigning]: json({ account: accountId, seed: seeds.hosts }),
    [SITE_FILES.brokerConfig]: await brokerFile(folder, site, seeds),
    [SITE_FILES.controllerPublicKey]: `${JSON.stringify(key.publicJwk)}\n`,
    [SITE_FILES.config]: json(controllerConfig(site)),
    [SITE_FILES.storeKey]: newStoreSecret(),
    ...(await shortLivedFiles({ site, authority, seeds, nowMs })),
  });
  writeKeyFile(join(folder, SITE_FILES.controllerKey), key);
}

async function brokerFile(folder: string, site: SiteDescription, seeds: BrokerSeeds): Promise<string> {
  return brokerConfig({
    host: site.listen,
    port: site.brokerPort,
    certFile: resolve(folder, SITE_FILES.brokerCertificate),
    keyFile: resolve(folder, SITE_FILES.brokerKey),
    claimsFolder: resolve(folder, BROKER_CLAIMS_FOLDER),
    trust: await brokerTrust(seeds),
  });
}

function controllerConfig({ name, hosts, brokerHosts, listen, apiPort, brokerPort }: SiteDescription) {
  return {
    name,
    key: SITE_FILES.controllerKey,
    rootsFile: SITE_FILES.roots,
    storeFile: SITE_FILES.store,
    storeKeyFile: SITE_FILES.storeKey,
    listen: address(listen, apiPort),
    tls: { certFile: SITE_FILES.apiCertificate, keyFile: SITE_FILES.apiKey },
    nats: {
      servers: [`tls://${address(brokerHosts[0], brokerPort)}`],
      credentialsFile: SITE_FILES.credentials,
      controlFile: SITE_FILES.brokerControl,
      caFile: SITE_FILES.authority,
    },
    enrolment: {
      address: address(hosts[0], apiPort),
      signingFile: SITE_FILES.hostSigning,
    },
  };
}

function address(host = '', port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
