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

interface AcceptOptions extends CommonOptions {
  readonly reason: string;
}

/** `farcall host accept`. */
export const addHostAccept: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('accept'))
    .summary('let a host go on that is held')
    .description(
      'Lets a host go on that is held, because its journal went back or because it exists twice. ' +
        'Requests that were made before do not run on it: whether they ran is unknown.',
    )
    .argument('<host>', 'name of the host')
    .requiredOption('--reason <text>', 'why it may go on; the audit log keeps it');
  addHelp(command, {
    notes: [
      'If two machines have one key, stop one of them first, and enrol it as a host of its own.',
      'Otherwise the host is held again.',
    ],
    examples: [
      "host accept web-1 --reason 'its disk is that of Monday'",
      "host accept web-1 --reason 'its copy is switched off' --json",
    ],
    exits: REMOTE_EXITS,
  }).action(async (name: string, options: AcceptOptions) =>
    exitWith(await acceptHost(context, name, options)),
  );
};

async function acceptHost(context: CliContext, host: string, options: AcceptOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const accepted = await client.call('acceptHost', { host, reason: options.reason });
    const text =
      `${host} is accepted, and gets orders again within a minute.\n` +
      `Requests that were made before ${formatTime(accepted.acceptedAtMs)} do not run on it.`;
    context.terminal.print(options.json ? JSON.stringify(accepted) : text);
    return EXIT.ok;
  });
}
