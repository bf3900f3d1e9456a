import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import type { HostView } from '../../../../shared/messages/index.ts';
import { formatTime } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  checkedReason,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  signNow,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';

/** How long the controller may take to find the host. */
const HOST_LIMIT_MS = 10_000;

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
    .requiredOption('--reason <text>', 'why it may go on, which is signed too');
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
  return withSession(context, options, async session => {
    const { client } = session;
    const { kid, hold } = await heldHost(session, host);
    const { reason } = options;
    const decision = { host, kid, heldMs: hold.sinceMs, reason: checkedReason(reason) };
    const token = await signNow(context, session, 'hostAcceptance', decision);
    const accepted = await client.call('acceptHost', { host, token });
    const text =
      `${host} is accepted, and gets orders again within a minute.\n` +
      `Requests that were made before ${formatTime(accepted.acceptedAtMs)} do not run on it.`;
    context.terminal.print(options.json ? asciiJson(accepted) : text);
    return EXIT.ok;
  });
}

/** The host, with why it is held. Throws NOT_FOUND if it is not. */
async function heldHost(
  { client }: Session,
  host: string,
): Promise<HostView & { readonly hold: NonNullable<HostView['hold']> }> {
  for await (const view of client.stream('listHosts', { selector: `@${host}` }, HOST_LIMIT_MS))
    if (view.hold) return { ...view, hold: view.hold };
  throw new FarcallError('NOT_FOUND', `${host} is not held; farcall hosts shows which hosts are`);
}
