import { asciiJson } from '../../../../shared/json/index.ts';
import { formatTime } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

/** `farcall console`. */
export const addConsole: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('console'))
    .summary('sign in to the web console')
    .description(
      'Prints an address that signs you in to the web console. It works once, and for one minute.',
    );
  addHelp(command, {
    notes: [
      'To approve in the console, you need a passkey in the trust bundle. The console makes it, and the roots add it.',
    ],
    examples: ['console', 'console --json'],
    exits: REMOTE_EXITS,
  }).action(async (options: CommonOptions) => exitWith(await openConsole(context, options)));
};

/** The code is in the fragment of the address, after `#`, which browsers do not send to any server. */
async function openConsole(context: CliContext, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity }) => {
    const { terminal } = context;
    const { origin, code, expiresAtMs } = await client.call('openConsole', {});
    const address = `${origin}/#code=${code}`;
    if (options.json) {
      terminal.print(asciiJson({ origin, code, address, expiresAtMs }));
      return EXIT.ok;
    }
    terminal.print(
      `To sign in as ${identity.name}, open this address once, before ${formatTime(expiresAtMs)}:`,
    );
    terminal.print('');
    terminal.print(`  ${address}`);
    return EXIT.ok;
  });
}
