import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import type { Effect, EnrolmentReply } from '../../shared/messages/index.ts';
import type { LeastBundle } from '../../shared/trust/index.ts';
import type { HostFolders, NewPolicy } from './enrol.ts';
import { NKEY_FILE } from './host-keys.ts';

const CONFIG_FILE = 'agent.json';
const ROOTS_FILE = 'roots.json';
const POLICY_FILE = 'policy.json';
const BROKER_CA_FILE = 'broker-ca.pem';
/** In the state directory, since the agent renews it. */
const CREDENTIAL_FILE = 'broker.jwt';

/** What a new host allows if nobody chooses: programs that only read. */
const STRICT_EFFECTS: readonly Effect[] = ['read'];

/** The policy file of a host after its enrolment. */
export interface PolicyFile {
  readonly path: string;
  /** The effects that the enrolment wrote. Undefined if there was a policy, which stays as it is. */
  readonly effects: readonly Effect[] | undefined;
}

/**
 * Throws CONFLICT if effects were chosen and `directory` has a policy already, which would not follow them.
 */
export function refuseChosenEffects(directory: string, effects: readonly Effect[] | undefined): void {
  const path = join(directory, POLICY_FILE);
  if (effects === undefined || !existsSync(path)) return;
  throw new FarcallError(
    'CONFLICT',
    `${path} is there already and stays as it is: edit it, and leave out --effects`,
  );
}

/** Throws CONFLICT if the configuration in `directory` belongs to another host than `host`. */
export function refuseOtherHost(directory: string, host: string): void {
  const { host: now } = configIn(directory);
  if (now === undefined || now === host) return;
  throw new FarcallError(
    'CONFLICT',
    `this machine is already the host ${String(now)} (${join(directory, CONFIG_FILE)}), and the token is for ${host}`,
  );
}

/** Whether `directory` has the configuration of a host. */
export function isHostAlready(directory: string): boolean {
  return configIn(directory)['host'] !== undefined;
}

/**
 * Writes the files of a new host, and returns the paths of its configuration, which is written last, and of
 * its policy. Members of an older configuration that the enrolment does not set stay, and so does an existing
 * policy.
 */
export function writeHostFiles(
  reply: EnrolmentReply,
  leastBundle: LeastBundle,
  { configDirectory, stateDirectory, effects = STRICT_EFFECTS }: HostFolders & NewPolicy,
): { readonly configFile: string; readonly policy: PolicyFile } {
  const inConfig = (name: string): string => join(configDirectory, name);
  writePrivateFile(join(stateDirectory, CREDENTIAL_FILE), `${reply.credential}\n`);
  writePrivateFile(inConfig(ROOTS_FILE), reply.roots);
  if (reply.natsCa.length > 0) writePrivateFile(inConfig(BROKER_CA_FILE), reply.natsCa);
  const policyFile = inConfig(POLICY_FILE);
  const isNew = !existsSync(policyFile);
  if (isNew) writePrivateFile(policyFile, json({ effects }));
  const config = {
    ...{ policyFile: POLICY_FILE },
    ...configIn(configDirectory),
    ...configOf(reply, stateDirectory),
    leastBundle,
  };
  writePrivateFile(inConfig(CONFIG_FILE), json(config));
  const policy = { path: policyFile, effects: isNew ? effects : undefined };
  return { configFile: inConfig(CONFIG_FILE), policy };
}

function configOf({ host, labels, natsServers, natsCa }: EnrolmentReply, stateDirectory: string): object {
  const inState = (name: string): string => resolve(stateDirectory, name);
  return {
    host,
    labels,
    nats: {
      servers: natsServers,
      ...(natsCa.length > 0 && { caFile: BROKER_CA_FILE }),
      nkeySeedFile: inState(NKEY_FILE),
      credentialFile: inState(CREDENTIAL_FILE),
    },
    stateDirectory: resolve(stateDirectory),
    rootsFile: ROOTS_FILE,
  };
}

function configIn(directory: string): Record<string, unknown> {
  const path = join(directory, CONFIG_FILE);
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${path} exists and is not JSON; repair or remove it`, {
      cause,
    });
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
