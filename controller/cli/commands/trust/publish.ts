import { asciiJson } from '../../../../shared/json/index.ts';
import { readBundleFile } from '../../../../shared/trust/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, withController } from '../../session/index.ts';
import { bundleDigest } from './bundle-text.ts';

/** `farcall trust publish`. */
export const addTrustPublish: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('publish'))
    .summary('send a signed bundle to the controller')
    .description('Sends a signed bundle to the controller, which verifies it and sends it to the hosts.')
    .argument('<file>', 'bundle file');
  addHelp(command, {
    examples: ['trust publish trust-2.json', 'trust publish trust-2.json --context lab --json'],
    exits: REMOTE_EXITS,
  }).action(async (file: string, options: CommonOptions) =>
    exitWith(await trustPublish(context, file, options)),
  );
};

async function trustPublish(context: CliContext, path: string, options: CommonOptions): Promise<ExitCode> {
  const { bundle, signed } = readBundleFile(path);
  const { newly } = await withController(context, options, client => client.call('publishTrust', signed));
  const { terminal, clock } = context;
  if (options.json)
    terminal.print(asciiJson({ version: bundle.version, digest: bundleDigest(bundle), newly }));
  else
    terminal.print(
      newly
        ? `Trust bundle ${bundle.version} is in force. The controller sends it to the hosts.`
        : `The controller has trust bundle ${bundle.version} already.`,
    );
  if (bundle.expiresAtMs <= clock.nowMs())
    terminal.warn('It has expired: nobody is trusted until a newer bundle is published.');
  return EXIT.ok;
}
