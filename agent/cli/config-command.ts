import { FarcallError } from '../../shared/errors/index.ts';
import { asciiJson } from '../../shared/json/index.ts';
import { readAgentConfig } from '../config/index.ts';
import { readHostPolicy } from '../policy/index.ts';
import { helpText } from './help-text.ts';

/** What `--help` prints. */
export const CONFIG_HELP = `farcall-agent config check [FILE]

Reads a configuration as the agent does (default: /etc/farcall/agent.json), and the policy that it names, and prints the
configuration that is in force, with the defaults of all missing members and absolute paths. If something is wrong, the
command names every fault, each in a line, and fails; an agent does not start with such a file, and a running one goes on
with the earlier configuration.
`;

/** Where packages have the configuration. */
const DEFAULT_CONFIG = '/etc/farcall/agent.json';

/** `farcall-agent config check [FILE]`. Throws CONFIG_INVALID, FILE_UNREADABLE. */
export async function configCommand(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(helpText(CONFIG_HELP));
    return;
  }
  const [action, file = DEFAULT_CONFIG, ...rest] = args;
  if (action !== 'check' || rest.length > 0)
    throw new FarcallError('CONFIG_INVALID', 'config: expected farcall-agent config check [FILE]');
  const config = readAgentConfig(file);
  readHostPolicy(config.policyFile);
  process.stdout.write(`${asciiJson(config, 2)}\n`);
}
