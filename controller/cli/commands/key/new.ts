import { asciiJson } from '../../../../shared/json/index.ts';
import { newSigningKey, writeKeyFile } from '../../../../shared/tokens/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  withJson,
} from '../../core/index.ts';

interface KeyNewOptions extends CommonOptions {
  readonly name: string;
  readonly out: string;
}

/** `farcall key new`. */
export const addKeyNew: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('new'))
    .summary('make an Ed25519 key pair')
    .description('Makes an Ed25519 key pair, and prints the public key on stdout.')
    .requiredOption('--name <name>', 'the name of the key holder')
    .requiredOption('--out <file>', 'file for the private key (0600); must not exist');
  addHelp(command, {
    examples: [
      'key new --name alice --out alice.key > alice.pub',
      'key new --name rob --out /media/usb/rob.key --json',
    ],
  }).action((options: KeyNewOptions) => exitWith(keyNew(context, options)));
};

function keyNew({ terminal }: CliContext, { name, out, json }: KeyNewOptions): ExitCode {
  const key = newSigningKey();
  writeKeyFile(out, key);
  if (json) {
    terminal.print(asciiJson({ name, kid: key.kid, keyFile: out, publicJwk: key.publicJwk }));
    return EXIT.ok;
  }
  terminal.print(asciiJson(key.publicJwk));
  terminal.warn(`The private key of ${name} is in ${out} (0600). It never leaves this machine.`);
  terminal.warn(`Key id: ${key.kid}. The line on stdout is the public key, for farcall trust init.`);
  return EXIT.ok;
}
