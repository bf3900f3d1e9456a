import { newSigningKey, readKeyFile, writeKeyFile } from '../../../shared/tokens/index.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Options of `farcall key new`. */
export interface KeyNewOptions extends CommonOptions {
  readonly name: string;
  readonly out: string;
}

/** Makes a key pair; the private half goes into a file of its owner's alone, the public one to stdout. */
export async function keyNew(
  { terminal }: CliContext,
  { name, out, json }: KeyNewOptions,
): Promise<ExitCode> {
  const key = newSigningKey();
  writeKeyFile(out, key);
  if (json) {
    terminal.print(JSON.stringify({ name, kid: key.kid, keyFile: out, publicJwk: key.publicJwk }));
    return EXIT.ok;
  }
  terminal.print(JSON.stringify(key.publicJwk));
  terminal.warn(`The private key of ${name} is in ${out} (0600); it never leaves this machine.`);
  terminal.warn(`Key id: ${key.kid}. The line on stdout is the public key, for farcall trust init.`);
  return EXIT.ok;
}

/** Options of `farcall key show`. */
export type KeyShowOptions = Pick<CommonOptions, 'json'>;

/** Prints the public half of a key, for whoever is to put it into a trust bundle. */
export function keyShow({ terminal }: CliContext, file: string, { json }: KeyShowOptions): ExitCode {
  const { kid, publicJwk } = readKeyFile(file);
  terminal.print(JSON.stringify(json ? { kid, keyFile: file, publicJwk } : publicJwk));
  if (!json) terminal.warn(`Key id: ${kid}`);
  return EXIT.ok;
}
