import { asciiJson } from '../../../../shared/json/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, KEY_HELP, withJson } from '../../core/index.ts';
import { type CliContext, type CommonOptions, openKey } from '../../session/index.ts';

/** `farcall key show`. */
export const addKeyShow: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('show'))
    .summary('print the public half of a key')
    .description('Prints the public half of a key, and the id that names it in trust bundles.')
    .argument('<key>', KEY_HELP);
  addHelp(command, {
    examples: [
      'key show alice.key > alice.pub',
      "key show 'pkcs11:token=alice;object=farcall?module-path=/usr/lib/libykcs11.so' > alice.pub",
      'key show ssh-agent:SHA256:kfrN6z3nWcGgIbcRFqVYDMyPJVnmuvyNbzNbnLlEmDM > alice.pub',
    ],
  }).action(async (source: string, options: CommonOptions) =>
    exitWith(await keyShow(context, source, options)),
  );
};

async function keyShow(context: CliContext, source: string, { json }: CommonOptions): Promise<ExitCode> {
  const { terminal } = context;
  const { kid, publicJwk } = await openKey(context, source);
  terminal.print(json ? asciiJson({ kid, key: source, publicJwk }) : asciiJson(publicJwk));
  if (!json) terminal.warn(`Key id: ${kid}`);
  return EXIT.ok;
}
