import { readFileSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import { type PublicJwk, publicJwkSchema } from '../../../shared/tokens/index.ts';

/** Somebody and his keys, as the command line names them. */
export interface NamedKeys {
  readonly name: string;
  readonly keys: readonly PublicJwk[];
}

/** The members in `values`, each NAME=PUBLIC_JWK_FILE; a name that is given twice has several keys. Throws CONFIG_INVALID. */
export function readMembers(option: string, values: readonly string[]): NamedKeys[] {
  const byName = new Map<string, PublicJwk[]>();
  for (const value of values) {
    const at = value.indexOf('=');
    if (at < 1) throw new FarcallError('CONFIG_INVALID', `${option}: '${value}' is not NAME=PUBLIC_JWK_FILE`);
    const name = value.slice(0, at);
    byName.set(name, [...(byName.get(name) ?? []), readPublicJwk(option, value.slice(at + 1))]);
  }
  return [...byName].map(([name, keys]) => ({ name, keys }));
}

function readPublicJwk(option: string, path: string): PublicJwk {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${option}: ${path} cannot be read`, { cause });
  }
  try {
    return publicJwkSchema.parse(JSON.parse(text));
  } catch {
    // The cause is dropped on purpose: somebody may have named his private key here.
    throw new FarcallError(
      'CONFIG_INVALID',
      `${option}: ${path} is not a public Ed25519 JWK, as farcall key new prints it`,
    );
  }
}
