import { readKeyFile } from '../../../../shared/tokens/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  withJson,
} from '../../core/index.ts';

/** `farcall key show`. */
export const addKeyShow: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('show'))
    .summary('print the public half of a key')
    .description('Prints the public half of a key, and the id that names it in trust bundles.')
    .argument('<file>', 'file of the private key');
  addHelp(command, { examples: ['key show alice.key > alice.pub', 'key show alice.key --json'] }).action(
    (file: string, options: CommonOptions) => exitWith(keyShow(context, file, options)),
  );
};

function keyShow({ terminal }: CliContext, file: string, { json }: CommonOptions): ExitCode {
  const { kid, publicJwk } = readKeyFile(file);
  terminal.print(JSON.stringify(json ? { kid, keyFile: file, publicJwk } : publicJwk));
  if (!json) terminal.warn(`Key id: ${kid}`);
  return EXIT.ok;
}
