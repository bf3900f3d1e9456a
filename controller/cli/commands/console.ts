import { asciiJson } from '../../../shared/json/index.ts';
import { formatTime } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/**
 * Prints an address that signs its owner in at the console, once, within a minute. The code stands behind `#`, which browsers
 * send to nobody.
 */
export async function openConsole(context: CliContext, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity }) => {
    const { terminal } = context;
    const { origin, code, expiresAtMs } = await client.call('openConsole', {});
    const address = `${origin}/#code=${code}`;
    if (options.json) {
      terminal.print(asciiJson({ origin, code, address, expiresAtMs }));
      return EXIT.ok;
    }
    terminal.print(`Open this as ${identity.name}, once, until ${formatTime(expiresAtMs)}:`);
    terminal.print('');
    terminal.print(`  ${address}`);
    return EXIT.ok;
  });
}
