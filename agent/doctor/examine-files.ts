import { examineDisk, type Finding, ok, orUnfit, unfit, warning } from '../../shared/doctor/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { checkUnshared } from '../../shared/files/index.ts';
import { readRootsFile, siteName } from '../../shared/trust/index.ts';
import { lastAdmission } from '../admission/index.ts';
import { type AgentConfig, readAgentConfig } from '../config/index.ts';
import { LEAST_FREE_MIB } from '../fitness/index.ts';
import { hasJournal, lockState } from '../journal/index.ts';
import { type HostPolicy, readHostPolicy } from '../policy/index.ts';

/** What the files of an agent say, as far as they can be read. */
export interface ExaminedFiles {
  readonly findings: readonly Finding[];
  readonly config: AgentConfig | undefined;
  readonly policy: HostPolicy | undefined;
}

/** The files by which the agent runs: whether they can be read, and whether nobody else can change them. */
export function examineFiles(configFile: string): ExaminedFiles {
  let config: AgentConfig | undefined;
  let policy: HostPolicy | undefined;
  const configuration = orUnfit(
    'configuration',
    'farcall-agent enrol --token-file FILE makes this machine a host and writes it; --config FILE names another',
    () => {
      config = readAgentConfig(configFile);
      checkUnshared(configFile, 'configuration');
      return ok('configuration', `${configFile}: the host ${config.host}`);
    },
  );
  if (!config) return { findings: [configuration], config, policy };
  const { policyFile, rootsFile, stateDirectory } = config;
  const findings = [
    configuration,
    orUnfit('policy', 'farcall-agent policy check FILE shows what it says', () => {
      checkUnshared(policyFile, 'policy');
      policy = readHostPolicy(policyFile);
      return ok('policy', `${policyFile}: this host allows ${policy.effects.join(', ')}`);
    }),
    orUnfit('roots', 'fetch them from who administers the site; they are not secret', () => {
      checkUnshared(rootsFile, 'roots file');
      return ok('roots', `the roots of the site ${siteName(readRootsFile(rootsFile))}`);
    }),
    state(stateDirectory),
    ...admission(stateDirectory),
    examineDisk({
      ...{ folder: stateDirectory, use: 'the journal', leastMib: LEAST_FREE_MIB },
      ...{ remedy: 'make room: each call is written there before it runs', maker: 'farcall-agent enrol' },
    }),
  ];
  return { findings, config, policy };
}

/** The journal, and whether an agent runs on it. */
function state(stateDirectory: string): Finding {
  return orUnfit('agent', 'look at its log: journalctl -u farcall-agent', () => {
    checkUnshared(stateDirectory, 'state directory');
    if (isLocked(stateDirectory)) return ok('agent', 'the agent runs');
    if (!hasJournal(stateDirectory))
      return warning(
        'agent',
        'the agent does not run, and has no journal yet',
        'systemctl enable --now farcall-agent',
      );
    return unfit('agent', 'the agent does not run', 'systemctl start farcall-agent');
  });
}

/** What a controller last said of this host; nothing before any has. */
function admission(stateDirectory: string): readonly Finding[] {
  const last = lastAdmission(stateDirectory);
  if (!last) return [];
  const at = new Date(last.atMs).toISOString();
  if (last.held === undefined) return [ok('controller', `a controller admitted this host at ${at}`)];
  return [
    unfit(
      'controller',
      `a controller holds this host since ${at}: ${last.held}`,
      'farcall host accept, there',
    ),
  ];
}

function isLocked(stateDirectory: string): boolean {
  try {
    lockState(stateDirectory).release();
    return false;
  } catch (thrown) {
    if (thrown instanceof FarcallError && thrown.code === 'CONFLICT') return true;
    throw thrown;
  }
}
