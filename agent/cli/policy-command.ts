import { FarcallError } from '../../shared/errors/index.ts';
import { readHostPolicy } from '../policy/index.ts';

const HELP = `farcall-agent policy check FILE

Reads a host policy as the agent would, and prints what is in force with everything that does not stand in the file.
Fails, naming the member, where something in it is unknown or wrong; an agent does not start on such a file.
`;

/** `farcall-agent policy check FILE`. Throws CONFIG_INVALID, FILE_UNREADABLE. */
export async function policyCommand(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP);
    return;
  }
  const [action, file, ...rest] = args;
  if (action !== 'check' || file === undefined || rest.length > 0)
    throw new FarcallError('CONFIG_INVALID', 'policy: write farcall-agent policy check FILE');
  process.stdout.write(`${JSON.stringify(readHostPolicy(file), null, 2)}\n`);
}
