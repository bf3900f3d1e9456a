import { statSync } from 'node:fs';
import { type Finding, ok, orUnfit, unfit } from '../../shared/doctor/index.ts';
import { readSecretText } from '../../shared/files/index.ts';
import { isKeyFile, withoutPin } from '../../shared/keys/index.ts';
import { keyId, readKeyFile } from '../../shared/tokens/index.ts';
import { type PinnedRoots, readRootsFile, siteName } from '../../shared/trust/index.ts';
import { apiTls, type ControllerConfig, readConfig } from '../config/index.ts';

const WRITABLE_BY_OTHERS = 0o022;

/** What the files of a controller say, as far as they can be read. */
export interface ExaminedFiles {
  readonly findings: readonly Finding[];
  readonly config: ControllerConfig | undefined;
  readonly roots: PinnedRoots | undefined;
  /** The id of the controller's key, where that is in a file. */
  readonly kid: string | undefined;
}

/** The files by which a controller runs: whether they can be read, and whether secrets are its own alone. */
export function examineFiles(configFile: string): ExaminedFiles {
  let config: ControllerConfig | undefined;
  let roots: PinnedRoots | undefined;
  let kid: string | undefined;
  const configuration = orUnfit(
    'configuration',
    'farcall-controller setup makes a site and writes it; --config FILE names another',
    () => {
      config = readConfig(configFile);
      if ((statSync(configFile).mode & WRITABLE_BY_OTHERS) !== 0)
        return unfit('configuration', `${configFile} can be written by others`, `chmod go-w ${configFile}`);
      return ok('configuration', `${configFile}: the controller ${config.name}`);
    },
  );
  if (!config) return { findings: [configuration], config, roots, kid };
  const { key, rootsFile } = config;
  const findings = [
    configuration,
    orUnfit('key', 'restore it from its backup, or make a new one and have the roots sign it', () => {
      if (!isKeyFile(key)) return ok('key', `${withoutPin(key)}: it is in a token, which is not asked`);
      kid = keyId(readKeyFile(key).publicJwk);
      return ok('key', `${key}: ${kid}`);
    }),
    secrets(config),
    orUnfit('roots', 'farcall trust show BUNDLE --roots writes them; they are not secret', () => {
      roots = readRootsFile(rootsFile);
      return ok('roots', `the roots of the site ${siteName(roots)}`);
    }),
    orUnfit('tls', 'farcall-controller renew makes certificate and key again', () => {
      if (!apiTls(config as ControllerConfig)) return ok('tls', 'plain text, on this machine only');
      return ok('tls', 'certificate and key of the operator API can be read');
    }),
  ];
  return { findings, config, roots, kid };
}

/** The files with secrets that a configuration names, besides the controller's key. */
function secretsOf({ storeKeyFile, nats, enrolment, tls }: ControllerConfig): readonly string[] {
  const files = [storeKeyFile, nats.credentialsFile, nats.controlFile, enrolment?.signingFile, tls?.keyFile];
  return files.filter(file => file !== undefined);
}

function secrets(config: ControllerConfig): Finding {
  return orUnfit('secrets', 'run the doctor as the user of the controller, or as root', () => {
    const files = secretsOf(config);
    for (const file of files) readSecretText(file);
    return ok('secrets', `${files.length} files with secrets can be read, and by nobody else`);
  });
}
