import { readFileSync } from 'node:fs';
import { type Finding, orProblem, supportArchive } from '../../shared/doctor/index.ts';
import { agentVersion } from '../../shared/version/index.ts';
import { readAgentConfig } from '../config/index.ts';
import { readKernelFacts } from '../kernel/index.ts';
import { readHostPolicy, tellablePolicy } from '../policy/index.ts';

/**
 * What somebody elsewhere needs to see why this host is unwell: gzipped JSON with the findings, the versions,
 * the facts of the kernel, the configuration and the policy.
 *
 * Threat: the file leaves the machine. Each part is read by the code that knows its members, none of which is
 * a secret: the configuration has only the names of the files with secrets, and these are not opened. The
 * policy tells where the host's key for modules is, so that is left out.
 */
export async function supportFile(configFile: string, findings: readonly Finding[]): Promise<Uint8Array> {
  const config = orProblem(() => readAgentConfig(configFile));
  return await supportArchive({
    agentVersion: agentVersion(),
    findings,
    kernel: orProblem(readKernelFacts),
    config,
    policy:
      'policyFile' in config ? orProblem(() => tellablePolicy(readHostPolicy(config.policyFile))) : undefined,
    modules: orProblem(() => readFileSync('/proc/modules', 'utf8').split('\n')),
  });
}
