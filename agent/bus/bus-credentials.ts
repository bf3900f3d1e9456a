import { readSecret } from '../../shared/files/index.ts';
import type { AgentConfig } from '../config/index.ts';
import type { BusCredentials } from './nats-bus.ts';

/**
 * How to log in at the broker, according to `nats`; undefined if it names no seed. Secrets are read once now,
 * so that a wrong file is an error at the start, and again for each connection, so that a file can be
 * replaced while the agent runs.
 */
export function busCredentials(nats: AgentConfig['nats']): BusCredentials | undefined {
  const { nkeySeedFile, credentialFile } = nats;
  if (!nkeySeedFile) return undefined;
  const seed = secretIn(nkeySeedFile);
  const jwt = credentialFile === undefined ? undefined : secretIn(credentialFile);
  return {
    seed: () => Buffer.from(seed().toString('utf8').trim()),
    jwt: jwt && (() => jwt().toString('utf8').trim()),
  };
}

function secretIn(path: string): () => Buffer {
  const read = (): Buffer => readSecret(path);
  read();
  return read;
}
