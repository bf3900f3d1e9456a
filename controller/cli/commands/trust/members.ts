import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FarcallError } from '../../../../shared/errors/index.ts';
import {
  type PasskeyJwk,
  type PublicJwk,
  passkeyJwkSchema,
  publicJwkSchema,
} from '../../../../shared/tokens/index.ts';

/** A key that a bundle can hold. */
export type MemberKey = PublicJwk | PasskeyJwk;

/** A person or controller and their keys, as the command line names them. */
export interface NamedKeys<K extends MemberKey = MemberKey> {
  readonly name: string;
  readonly keys: readonly K[];
}

/**
 * The members in `values`, each NAME=PUBLIC_JWK_FILE. A name that is given twice has several keys. Throws
 * CONFIG_INVALID.
 */
export function readMembers(option: string, values: readonly string[]): NamedKeys<PublicJwk>[] {
  return named(option, values, path =>
    readKey(option, path, publicJwkSchema, 'farcall key new prints it (Ed25519)'),
  );
}

/** Like {@link readMembers}, but a file may also hold the public half of a passkey. */
export function readPasskeyMembers(option: string, values: readonly string[]): NamedKeys[] {
  const schema = z.union([publicJwkSchema, passkeyJwkSchema]);
  const maker = 'farcall key new prints it, or the console for a passkey';
  return named(option, values, path => readKey(option, path, schema, maker));
}

function named<K extends MemberKey>(
  option: string,
  values: readonly string[],
  read: (path: string) => K,
): NamedKeys<K>[] {
  const byName = new Map<string, K[]>();
  for (const value of values) {
    const at = value.indexOf('=');
    if (at < 1) throw new FarcallError('CONFIG_INVALID', `${option}: '${value}' is not NAME=PUBLIC_JWK_FILE`);
    const name = value.slice(0, at);
    byName.set(name, [...(byName.get(name) ?? []), read(value.slice(at + 1))]);
  }
  return [...byName].map(([name, keys]) => ({ name, keys }));
}

function readKey<K extends MemberKey>(option: string, path: string, schema: z.ZodType<K>, maker: string): K {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${option}: ${path} cannot be read`, { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // The cause is dropped on purpose, because the file may be a private key.
    throw new FarcallError('CONFIG_INVALID', `${option}: ${path} is not a public JWK as ${maker}`);
  }
}
