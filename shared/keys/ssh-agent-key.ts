import { createHash } from 'node:crypto';
import { FarcallError } from '../errors/index.ts';
import { deviceKey, type PublicJwk, publicJwkSchema, type SigningKey } from '../tokens/index.ts';
import { type AgentKey, agentKeys, agentSignature } from './ssh-agent-protocol.ts';
import { SshReader } from './ssh-encoding.ts';

const ALGORITHM = 'ssh-ed25519';
const SHOWN_LIMIT_CHARS = 500;

/**
 * The key that `name` means in the ssh-agent at `socket`: `SHA256:…` is the fingerprint that `ssh-add -l`
 * prints, everything else the comment. Only Ed25519 keys. Throws KEY_UNAVAILABLE listing those that are
 * there.
 *
 * Threats:
 * - Anyone who can reach the agent can have it sign, for farcall too: root on each machine to which the agent
 *   is forwarded. Nothing here can prevent that. docs/guide/keys.md says to add the key with `ssh-add -c`,
 *   and not to forward the agent.
 * - A signature for SSH is passed off as one for farcall, or the other way round: an agent signs any bytes as
 *   they are. What a token signs begins with `eyJ`, the base64url of `{"`. What SSH signs to log in begins
 *   with the length of a session id (`00 00 00 20`, RFC 4252, 7), and what `ssh-keygen -Y` signs with
 *   `SSHSIG`. So no bytes are both.
 * - The agent signs with another key, or something else: `deviceKey` verifies each signature.
 */
export async function sshAgentKey(socket: string, name: string): Promise<SigningKey> {
  const keys = (await agentKeys(socket)).flatMap(ed25519Of);
  const [key, another] = keys.filter(({ fingerprint, comment }) =>
    name.startsWith('SHA256:') ? fingerprint === name : comment === name,
  );
  if (!key) throw noSuchKey(name, keys);
  if (another)
    throw new FarcallError(
      'KEY_UNAVAILABLE',
      `the ssh-agent has several keys '${name}'; name one by its fingerprint: ${shown(keys)}`,
    );
  return deviceKey(key.publicJwk, `ssh-agent:${name}`, async data => {
    const { algorithm, bytes } = await agentSignature(socket, key.blob, data);
    if (algorithm === ALGORITHM) return bytes;
    throw new FarcallError('KEY_WRONG', `the ssh-agent signed by '${algorithm.slice(0, 64)}'`);
  });
}

function noSuchKey(name: string, keys: readonly AgentEd25519Key[]): FarcallError {
  const known =
    keys.length > 0
      ? `it has ${shown(keys)}`
      : 'it has no Ed25519 key at all: it is locked, or ssh-add has to add one';
  return new FarcallError('KEY_UNAVAILABLE', `the ssh-agent has no Ed25519 key '${name}'; ${known}`);
}

function shown(keys: readonly AgentEd25519Key[]): string {
  return keys
    .map(({ fingerprint, comment }) => `${fingerprint} (${comment})`)
    .join(', ')
    .slice(0, SHOWN_LIMIT_CHARS);
}

interface AgentEd25519Key extends AgentKey {
  readonly publicJwk: PublicJwk;
  readonly fingerprint: string;
}

/** A key of another algorithm, or one that cannot be read, is left out. */
function ed25519Of(key: AgentKey): readonly AgentEd25519Key[] {
  try {
    const reader = new SshReader(key.blob);
    if (Buffer.from(reader.string()).toString('latin1') !== ALGORITHM) return [];
    const x = Buffer.from(reader.string()).toString('base64url');
    const digest = createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '');
    const jwk = publicJwkSchema.safeParse({ kty: 'OKP', crv: 'Ed25519', x });
    return jwk.success && reader.isAtEnd
      ? [{ ...key, publicJwk: jwk.data, fingerprint: `SHA256:${digest}` }]
      : [];
  } catch {
    return [];
  }
}
