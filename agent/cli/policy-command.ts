import { FarcallError } from '../../shared/errors/index.ts';
import { asciiJson } from '../../shared/json/index.ts';
import { readHostPolicy } from '../policy/index.ts';
import { helpText } from './help-text.ts';

/** What `--help` prints. */
export const POLICY_HELP = `farcall-agent policy check FILE

Reads a host policy as the agent does, and prints the policy that is in force, with the defaults of all missing members.
If a member is unknown or wrong, the command names it and fails; an agent does not start with such a file.
`;

/** `farcall-agent policy check FILE`. Throws CONFIG_INVALID, FILE_UNREADABLE. */
export async function policyCommand(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(helpText(POLICY_HELP));
    return;
  }
  const [action, file, ...rest] = args;
  if (action !== 'check' || file === undefined || rest.length > 0)
    throw new FarcallError('CONFIG_INVALID', 'policy: expected farcall-agent policy check FILE');
  process.stdout.write(`${asciiJson(readHostPolicy(file), 2)}\n`);
}
