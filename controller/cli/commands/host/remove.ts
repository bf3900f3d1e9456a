import type { HostRemoval } from '../../../../shared/messages/index.ts';
import { formatTime } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
  withSession,
} from '../../core/index.ts';

/** `farcall host remove`. */
export const addHostRemove: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('remove'))
    .summary('remove a host')
    .description(
      'Removes a host. The controller no longer accepts anything from it, and gives it no new credential.',
    )
    .argument('<host>', 'name of the host');
  addHelp(command, {
    examples: ['host remove web-1', 'host remove web-1 --json'],
    exits: REMOTE_EXITS,
  }).action(async (name: string, options: CommonOptions) =>
    exitWith(await removeHost(context, name, options)),
  );
};

async function removeHost(context: CliContext, host: string, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const removal = await client.call('removeHost', { host });
    const until = formatTime(removal.credentialUntilMs);
    const text = `${host} is removed. The controller no longer accepts anything from it.
${brokerText(removal, until)}`;
    context.terminal.print(options.json ? JSON.stringify(removal) : text);
    return EXIT.ok;
  });
}

function brokerText({ broker }: HostRemoval, until: string): string {
  if (broker === 'changed') return 'The broker has ended its connections, and refuses its credential.';
  const then = `Its credential for the broker ends at ${until}. Until then it can read orders, and do nothing else.`;
  return broker === 'later' ? `The broker cannot be told now; the controller tries again. ${then}` : then;
}
