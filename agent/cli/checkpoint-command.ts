import { parseArgs } from 'node:util';
import { FarcallError } from '../../shared/errors/index.ts';
import { readHeldCheckpoints } from '../checkpoint/index.ts';
import { readAgentConfig } from '../config/index.ts';
import { helpText } from './help-text.ts';

/** What `--help` prints. */
export const CHECKPOINT_HELP = `farcall-agent checkpoint show (--config FILE | --state DIRECTORY)

Prints the checkpoints of the controller's audit log that this host holds, one per line. An auditor uses them so:

  farcall-agent checkpoint show --config agent.json > web-01.checkpoints
  farcall audit verify --store farcall.db --roots roots.json --checkpoint web-01.checkpoints

The agent may be running. Exits with 1 if this host holds no checkpoint.
`;

/** `farcall-agent checkpoint`. Throws CONFIG_INVALID for wrong arguments, FILE_UNREADABLE. */
export async function checkpointCommand(args: readonly string[]): Promise<void> {
  const { verb, config, state, help } = parse(args);
  if (help) return void process.stdout.write(helpText(CHECKPOINT_HELP));
  if (verb !== 'show' || (config === undefined) === (state === undefined))
    throw new FarcallError('CONFIG_INVALID', 'checkpoint: expected show, and one of --config and --state');
  const directory = state ?? readAgentConfig(config ?? '').stateDirectory;
  const { newest, contradicting } = readHeldCheckpoints(directory);
  for (const token of [...newest, ...contradicting]) process.stdout.write(`${token}\n`);
  if (newest.length === 0) {
    process.stderr.write(`${directory} holds no checkpoint\n`);
    process.exitCode = 1;
  }
}

function parse(args: readonly string[]) {
  try {
    const options = {
      config: { type: 'string' },
      state: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { ...values, verb: positionals.length === 1 ? positionals[0] : undefined };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('CONFIG_INVALID', `checkpoint: ${reason}`, { cause });
  }
}
