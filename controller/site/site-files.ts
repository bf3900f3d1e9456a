import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { readSecretText, writePrivateFile } from '../../shared/files/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { firstIssue } from '../../shared/schema/index.ts';

/**
 * Where everything of a site lies, below its folder. What is in `offline/` is needed to renew, and not to
 * run.
 */
export const SITE_FILES = {
  config: 'controller.json',
  controllerKey: 'controller.key',
  controllerPublicKey: 'controller.pub',
  store: 'farcall.db',
  storeKey: 'store.key',
  roots: 'roots.json',
  authority: 'ca.pem',
  apiCertificate: 'api.pem',
  apiKey: 'api-key.pem',
  credentials: 'controller.creds',
  hostSigning: 'host-signing.json',
  brokerConfig: 'nats/nats.conf',
  brokerCertificate: 'nats/broker.pem',
  brokerKey: 'nats/broker-key.pem',
  brokerControl: 'broker-control.json',
  site: 'offline/site.json',
  authorityKey: 'offline/ca-key.pem',
  seeds: 'offline/broker-seeds.json',
} as const;

/** Folder in which the broker keeps the claims of accounts, below the folder of the site. */
export const BROKER_CLAIMS_FOLDER = 'nats/claims';

const hostOrAddress = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$|^[0-9a-fA-F:]{2,45}$/, 'a name or an IP address');
const port = z.int().min(1).max(65_535);

const siteSchema = z.strictObject({
  /** Of the controller, as in the trust bundle. */
  name: fields.principalName,
  /**
   * Names and IP addresses under which the controller is reached; the first is the one that hosts are told.
   */
  hosts: z.array(hostOrAddress).min(1).max(32),
  /** The same for the broker. */
  brokerHosts: z.array(hostOrAddress).min(1).max(32),
  /** IP address on which both listen. */
  listen: hostOrAddress,
  apiPort: port,
  brokerPort: port,
});

/** The names, addresses and ports of a site, kept so that it can be renewed. */
export type SiteDescription = z.infer<typeof siteSchema>;

/** Throws CONFIG_INVALID naming the member that is wrong. */
export function checkSite(site: SiteDescription): SiteDescription {
  const parsed = siteSchema.safeParse(site);
  if (parsed.success) return parsed.data;
  throw new FarcallError('CONFIG_INVALID', firstIssue(parsed.error, 'site'));
}

/** The description in the folder of a site. */
export function readSite(folder: string): SiteDescription {
  return parseSecretJson(join(folder, SITE_FILES.site), siteSchema);
}

/** The JSON in a secret file. Throws FILE_UNREADABLE quoting nothing of it. */
export function parseSecretJson<S extends z.ZodType>(path: string, schema: S): z.infer<S> {
  const text = readSecretText(path);
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new FarcallError('FILE_UNREADABLE', `${path} is not as farcall-controller init wrote it`);
  }
}

/** Makes the folder of a new site, readable by its owner only. Throws CONFIG_INVALID if it is not empty. */
export function makeSiteFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0)
    throw new FarcallError(
      'CONFIG_INVALID',
      `--folder: ${folder} is not empty; a site needs a folder of its own`,
    );
}

/**
 * Writes files of a site, by name below `folder`; each is whole or not there, and its owner's alone (0600).
 */
export function writeSiteFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writePrivateFile(path, text);
  }
}

/** The text of one public file of a site. */
export function readSiteFile(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${join(folder, name)} cannot be read`, { cause });
  }
}
