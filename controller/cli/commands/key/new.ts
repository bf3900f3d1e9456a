import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { newPkcs11SigningKey } from '../../../../shared/keys/index.ts';
import { keyId, newSigningKey, writeKeyFile } from '../../../../shared/tokens/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withJson } from '../../core/index.ts';
import { askPinOn, type CliContext, type CommonOptions } from '../../session/index.ts';

interface KeyNewOptions extends CommonOptions {
  readonly name: string;
  readonly out?: string;
  readonly pkcs11?: string;
}

/** `farcall key new`. */
export const addKeyNew: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('new'))
    .summary('make an Ed25519 key pair')
    .description('Makes an Ed25519 key pair, and prints the public key on stdout.')
    .requiredOption('--name <name>', 'the name of the key holder')
    .option('--out <file>', 'file for the private key (0600); must not exist')
    .option('--pkcs11 <uri>', 'make the key in this PKCS#11 token, which it never leaves');
  addHelp(command, {
    notes: [
      'Either --out or --pkcs11 says where the private key is to be. The URI names the token, and the label or the id that the key gets.',
    ],
    examples: [
      'key new --name alice --out alice.key > alice.pub',
      'key new --name rob --out /media/usb/rob.key --json',
      "key new --name alice --pkcs11 'pkcs11:token=alice;object=farcall?module-path=/usr/lib/libykcs11.so' > alice.pub",
    ],
  }).action(async (options: KeyNewOptions) => exitWith(await keyNew(context, options)));
};

async function keyNew(context: CliContext, { name, out, pkcs11, json }: KeyNewOptions): Promise<ExitCode> {
  if ((out === undefined) === (pkcs11 === undefined))
    throw new FarcallError(
      'CONFIG_INVALID',
      'either --out or --pkcs11 must say where the private key is to be',
    );
  const { terminal } = context;
  const key = out === undefined ? (pkcs11 ?? '') : out;
  const publicJwk = out === undefined ? await keyInToken(context, key) : keyInFile(out);
  const kid = keyId(publicJwk);
  if (json) {
    const where = out === undefined ? { key } : { keyFile: out };
    terminal.print(asciiJson({ name, kid, ...where, publicJwk }));
    return EXIT.ok;
  }
  terminal.print(asciiJson(publicJwk));
  terminal.warn(
    out === undefined
      ? `The private key of ${name} is in the token, which it never leaves. Use it as --key '${key}'.`
      : `The private key of ${name} is in ${out} (0600). It never leaves this machine.`,
  );
  terminal.warn(`Key id: ${kid}. The line on stdout is the public key, for farcall trust init.`);
  return EXIT.ok;
}

function keyInFile(out: string) {
  const key = newSigningKey();
  writeKeyFile(out, key);
  return key.publicJwk;
}

function keyInToken({ terminal }: CliContext, uri: string) {
  return newPkcs11SigningKey(uri, askPinOn(terminal));
}
