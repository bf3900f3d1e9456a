import { type Finding, orProblem, supportArchive } from '../../shared/doctor/index.ts';
import { withoutPin } from '../../shared/keys/index.ts';
import { agentVersion } from '../../shared/version/index.ts';
import { type ControllerConfig, readConfig } from '../config/index.ts';

/**
 * What somebody elsewhere needs to see why this controller is unwell: gzipped JSON with the findings, the
 * versions and the configuration.
 *
 * Threat: the file leaves the machine. The configuration has only the names of the files with secrets, and
 * these are not put in. Two of its members may be secrets all the same: the address of a webhook, which is
 * often all that its receiver asks for, and a PIN in the name of a key. Of both only the beginning is told.
 */
export async function supportFile(configFile: string, findings: readonly Finding[]): Promise<Uint8Array> {
  return await supportArchive({
    controllerVersion: agentVersion(),
    findings,
    config: orProblem(() => tellableConfig(readConfig(configFile))),
  });
}

/** A configuration without what may be a secret in it; see {@link supportFile}. */
export function tellableConfig(config: ControllerConfig): object {
  const { key, moduleSigning, webhooks } = config;
  return {
    ...config,
    key: withoutPin(key),
    ...(moduleSigning && { moduleSigning: { ...moduleSigning, key: withoutPin(moduleSigning.key) } }),
    webhooks: webhooks.map(({ url, ...others }) => ({
      ...others,
      ...(url !== undefined && { url: new URL(url).origin }),
    })),
  };
}
