import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type ConfigFile, parseConfigText, readConfigFile } from '../../shared/config-file/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { metricsSchema } from '../../shared/listen/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { allIssues } from '../../shared/schema/index.ts';
import { brokerUrl } from '../../shared/tls/index.ts';
import { leastBundleSchema } from '../../shared/trust/index.ts';

const path = z.string().min(1).max(4096);

const natsSchema = z
  .strictObject({
    /** Addresses such as tls://broker:4222, or nats://127.0.0.1:4222. */
    servers: z.array(brokerUrl).min(1),
    /** A file with the seed of this host's nkey. */
    nkeySeedFile: path.optional(),
    /** The credential (NATS user JWT) for that nkey; the agent renews it. */
    credentialFile: path.optional(),
    /** Certificates to trust for the broker, instead of the system's. */
    caFile: path.optional(),
  })
  .refine(
    nats => nats.credentialFile === undefined || nats.nkeySeedFile !== undefined,
    'credentialFile needs nkeySeedFile',
  );

/** The members of an agent's configuration file; all others are refused. */
export const agentConfigSchema = z.strictObject({
  /** Name of this host: a-z, 0-9 and -. */
  host: fields.hostName,
  /** Labels by which requests select this host, as given at enrolment. */
  labels: fields.hostLabels.default({}),
  /** The broker. */
  nats: natsSchema,
  /** The folder of the journal and of the host's keys. */
  stateDirectory: path,
  /** The roots, whose signatures make a trust bundle valid. */
  rootsFile: path,
  /**
   * The trust bundle that was the newest when this host was enrolled. The host accepts no older one, and no
   * other one of that version. Without it, the first bundle that the roots signed is accepted.
   */
  leastBundle: leastBundleSchema.optional(),
  /** What this host allows. `farcall-agent policy check FILE` prints what is in force. */
  policyFile: path,
  /** The lowest level that is logged. */
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /**
   * After connecting, this host waits up to so long before it asks for missed orders, so that a fleet is
   * spread out.
   */
  askJitterMs: z.int().min(0).max(600_000).default(5000),
  /** Serves metrics and probes of this agent. Without it, neither is served. */
  metrics: metricsSchema.optional(),
  /**
   * When stopping, the agent waits so long for a running call. After that the call is `unknown` at the next
   * start.
   */
  stopGraceMs: z.int().min(0).max(3_600_000).default(20_000),
});

/** The configuration of an agent, as read from its file. Paths are absolute. */
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/**
 * The configuration in the file `configPath` and its drop-in files; see `readConfigFile`. Relative paths
 * count from the folder of `configPath`. Throws CONFIG_INVALID naming the member, and FILE_UNREADABLE where a
 * file cannot be read, or a drop-in file can be changed by others.
 */
export function readAgentConfig(configPath: string): AgentConfig {
  return checkedConfig(readConfigFile(configPath, 'FILE_UNREADABLE'), configPath);
}

/** The configuration in `text`, which stands in the file `configPath`. */
export function parseAgentConfig(text: string, configPath: string): AgentConfig {
  return checkedConfig({ json: parseConfigText(text, configPath), originOf: () => configPath }, configPath);
}

function checkedConfig({ json, originOf }: ConfigFile, configPath: string): AgentConfig {
  const parsed = agentConfigSchema.safeParse(json);
  if (parsed.success) return withAbsolutePaths(parsed.data, dirname(resolve(configPath)));
  throw new FarcallError('CONFIG_INVALID', allIssues(parsed.error, originOf, 'configuration'));
}

function withAbsolutePaths(config: AgentConfig, directory: string): AgentConfig {
  const { nats, stateDirectory, rootsFile, policyFile } = config;
  return {
    ...config,
    stateDirectory: resolve(directory, stateDirectory),
    rootsFile: resolve(directory, rootsFile),
    policyFile: resolve(directory, policyFile),
    nats: resolveMembers(nats, ['credentialFile', 'nkeySeedFile', 'caFile'], directory),
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
