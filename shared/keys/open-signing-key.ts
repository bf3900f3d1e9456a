import { resolve } from 'node:path';
import { FarcallError } from '../errors/index.ts';
import type { AskPin } from '../pkcs11/index.ts';
import { type PublicJwk, readKeyFile, type SigningKey } from '../tokens/index.ts';

const PKCS11 = 'pkcs11:';
const SSH_AGENT = 'ssh-agent:';

/** What a key in a token or in an ssh-agent needs besides its name. */
export interface KeySurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined if nobody can be asked for the PIN of a token. */
  readonly askPin?: AskPin | undefined;
}

/**
 * The key that `source` names:
 *
 *     alice.key                                       a file that `farcall key new` wrote
 *     pkcs11:token=alice;object=farcall?module-path=… a key in a PKCS#11 token (RFC 7512)
 *     ssh-agent:SHA256:…   ssh-agent:alice@laptop     an Ed25519 key in the agent of SSH_AUTH_SOCK
 *
 * Throws FILE_UNREADABLE, CONFIG_INVALID, KEY_UNAVAILABLE or KEY_REFUSED. The code for tokens and agents is
 * loaded only if they are used.
 */
export async function openSigningKey(source: string, { env, askPin }: KeySurroundings): Promise<SigningKey> {
  if (source.startsWith(PKCS11)) {
    const { pkcs11SigningKey } = await import('./pkcs11-key.ts');
    return pkcs11SigningKey(source, askPin);
  }
  if (!source.startsWith(SSH_AGENT)) return readKeyFile(source);
  const { sshAgentKey } = await import('./ssh-agent-key.ts');
  return sshAgentKey(agentSocket(source, env), source.slice(SSH_AGENT.length));
}

/**
 * Makes an Ed25519 key in the token that the `pkcs11:` URI names, with its label and id; resolves to the
 * public half. Throws CONFIG_INVALID for a wrong URI, CONFLICT if there is such a key, KEY_UNAVAILABLE and
 * KEY_REFUSED.
 */
export async function newPkcs11SigningKey(uri: string, askPin?: AskPin): Promise<PublicJwk> {
  const { newKeyInToken } = await import('./pkcs11-key.ts');
  return newKeyInToken(uri, askPin);
}

/** Whether `source` names a file, which holds the private key itself. */
export function isKeyFile(source: string): boolean {
  return !source.startsWith(PKCS11) && !source.startsWith(SSH_AGENT);
}

/** A key's source without the attributes after `?`, one of which may be a PIN (RFC 7512, 2.4). */
export function withoutPin(source: string): string {
  return source.replace(/\?.*$/s, '');
}

/** `source` with an absolute path if it names a file; that is relative to `folder`. */
export function absoluteKeySource(source: string, folder: string): string {
  return isKeyFile(source) ? resolve(folder, source) : source;
}

function agentSocket(source: string, env: KeySurroundings['env']): string {
  const socket = env['SSH_AUTH_SOCK'];
  if (socket) return socket;
  throw new FarcallError(
    'KEY_UNAVAILABLE',
    `${source}: no ssh-agent is known here, because SSH_AUTH_SOCK is not set; eval "$(ssh-agent)" starts one`,
  );
}
