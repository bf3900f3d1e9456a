import { readFileSync, statSync } from 'node:fs';
import { FarcallError } from '../../shared/errors/index.ts';
import type { BusCredentials } from '../bus/index.ts';
import type { AgentConfig } from './agent-config.ts';

/**
 * How to log in at the broker according to `nats`. Secrets are read once now, so that a wrong file is an error at the
 * start, and anew for each connection, so that a file can be replaced while the agent runs.
 */
export function busCredentials(nats: AgentConfig['nats']): BusCredentials {
  const { credentialsFile, nkeySeedFile, user, passwordFile } = nats;
  if (credentialsFile) return { kind: 'creds', creds: secretIn(credentialsFile) };
  if (nkeySeedFile) {
    const seed = secretIn(nkeySeedFile);
    return { kind: 'nkey', seed: () => Buffer.from(seed().toString('utf8').trim()) };
  }
  if (!user || !passwordFile) return { kind: 'none' };
  const password = secretIn(passwordFile);
  return { kind: 'password', user, password: () => password().toString('utf8').trim() };
}

function secretIn(path: string): () => Buffer {
  const read = (): Buffer => readSecret(path);
  read();
  return read;
}

/** Threat: a secret that others on this host can read lets them speak in its name. */
function readSecret(path: string): Buffer {
  try {
    if ((statSync(path).mode & 0o077) === 0) return readFileSync(path);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the secret ${path} cannot be read`, { cause });
  }
  throw new FarcallError('FILE_UNREADABLE', `the secret ${path} is open to others; chmod 600 it`);
}
