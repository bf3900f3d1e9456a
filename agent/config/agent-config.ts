import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { fields } from '../../shared/messages/index.ts';

const path = z.string().min(1).max(4096);

/** Without user or password: the URL is logged. */
const serverUrl = z
  .url({ protocol: /^(nats|tls)$/, error: 'write nats://host:port or tls://host:port' })
  .refine(url => !new URL(url).username, 'the user goes into the member user, the password into a file');

const natsSchema = z
  .strictObject({
    /** Such as nats://broker:4222 or tls://broker:4222. */
    servers: z.array(serverUrl).min(1),
    /** A .creds file: user JWT and seed. */
    credentialsFile: path.optional(),
    /** A file with an nkey seed. */
    nkeySeedFile: path.optional(),
    user: z.string().min(1).optional(),
    passwordFile: path.optional(),
    tls: z
      .strictObject({ caFile: path.optional(), certFile: path.optional(), keyFile: path.optional() })
      .optional(),
  })
  .refine(
    nats => [nats.credentialsFile, nats.nkeySeedFile, nats.user].filter(Boolean).length <= 1,
    'give one of credentialsFile, nkeySeedFile, or user with passwordFile',
  )
  .refine(nats => !nats.user === !nats.passwordFile, 'user and passwordFile go together');

const configSchema = z.strictObject({
  host: fields.hostName,
  labels: fields.labels
    .refine(labels => !Object.hasOwn(labels, 'host'), 'the label host is the name itself')
    .default({}),
  nats: natsSchema,
  stateDirectory: path,
  rootsFile: path,
  policyFile: path,
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Up to how long after a connection this host waits before it asks for missed orders; spreads a fleet out. */
  askJitterMs: z.int().min(0).max(600_000).default(5000),
  /** How long a stop waits for the call that runs; what is not back by then is `unknown` after the next start. */
  stopGraceMs: z.int().min(0).max(3_600_000).default(20_000),
});

/** What an agent is told about itself. Paths are absolute. */
export type AgentConfig = z.infer<typeof configSchema>;

/**
 * The configuration in the file `configPath`. Relative paths in it are taken from where it lies. Throws CONFIG_INVALID
 * naming the member, FILE_UNREADABLE where the file cannot be read.
 */
export function readAgentConfig(configPath: string): AgentConfig {
  let text: string;
  try {
    text = readFileSync(configPath, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the configuration ${configPath} cannot be read`, { cause });
  }
  return parseAgentConfig(text, configPath);
}

/** The configuration in `text`, which stands in the file `configPath`. */
export function parseAgentConfig(text: string, configPath: string): AgentConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${configPath}: not JSON`, { cause });
  }
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return withAbsolutePaths(parsed.data, dirname(resolve(configPath)));
  const issue = parsed.error.issues[0];
  const member = issue?.path.join('.') || 'configuration';
  throw new FarcallError('CONFIG_INVALID', `${configPath}: ${member}: ${issue?.message}`);
}

function withAbsolutePaths(config: AgentConfig, directory: string): AgentConfig {
  const { nats, stateDirectory, rootsFile, policyFile } = config;
  return {
    ...config,
    stateDirectory: resolve(directory, stateDirectory),
    rootsFile: resolve(directory, rootsFile),
    policyFile: resolve(directory, policyFile),
    nats: {
      ...resolveMembers(nats, ['credentialsFile', 'nkeySeedFile', 'passwordFile'], directory),
      ...(nats.tls && { tls: resolveMembers(nats.tls, ['caFile', 'certFile', 'keyFile'], directory) }),
    },
  };
}

function resolveMembers<T extends object>(from: T, members: readonly (keyof T)[], directory: string): T {
  const resolved = { ...from };
  for (const member of members) {
    const value = from[member];
    if (typeof value === 'string') resolved[member] = resolve(directory, value) as T[keyof T];
  }
  return resolved;
}
