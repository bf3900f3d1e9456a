import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { LOG_LEVELS } from '../log/index.ts';

const path = z.string().min(1);

const natsSchema = z
  .strictObject({
    servers: z.array(z.string().min(1)).min(1),
    user: z.string().min(1).optional(),
    passwordFile: path.optional(),
    credentialsFile: path.optional(),
  })
  .refine(
    ({ user, passwordFile }) => (user === undefined) === (passwordFile === undefined),
    'user and passwordFile go together',
  )
  .refine(
    ({ user, credentialsFile }) => user === undefined || credentialsFile === undefined,
    'either user and passwordFile, or credentialsFile',
  );

const configSchema = z.strictObject({
  /** The controller's name in the trust bundle. */
  name: fields.principalName,
  /** Its Ed25519 key, 0600; made by `farcall key new`. */
  keyFile: path,
  /** The roots: those whose signatures make a trust bundle. They count until the store has one. */
  rootsFile: path,
  /** The SQLite database; made where it does not exist. */
  storeFile: path,
  /** host:port on loopback, or unix:PATH. */
  listen: z.string().min(1),
  nats: natsSchema,
  /** How long a host may be silent after the last moment at which a call could end, before it is `expired`. */
  hostSilenceMs: z.int().min(0).max(86_400_000).default(30_000),
  /** Where checkpoints of the audit log are appended, beside the store: best a disk that others look after. */
  checkpointFile: path.optional(),
  /** Longest that an entry of the audit log waits for its checkpoint. */
  checkpointEveryMs: z.int().min(0).max(3_600_000).default(10_000),
  logLevel: z.enum(LOG_LEVELS).default('info'),
});

/** The configuration of a controller, with absolute paths. */
export type ControllerConfig = z.infer<typeof configSchema>;

/** The configuration in the JSON file `file`; its relative paths count from its own folder. */
export function readConfig(file: string): ControllerConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `the configuration ${file} cannot be read`, { cause });
  }
  return parseConfig(text, file);
}

/** The configuration in `text`. Throws CONFIG_INVALID naming the place; members that nobody knows are errors. */
export function parseConfig(text: string, file: string): ControllerConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${file}: not JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join('.') || 'configuration';
    throw new FarcallError('CONFIG_INVALID', `${file}: ${place}: ${issue?.message}`);
  }
  return withAbsolutePaths(parsed.data, dirname(resolve(file)));
}

function withAbsolutePaths(config: ControllerConfig, folder: string): ControllerConfig {
  const absolute = (name: string): string => resolve(folder, name);
  const { listen, nats, checkpointFile } = config;
  return {
    ...config,
    keyFile: absolute(config.keyFile),
    rootsFile: absolute(config.rootsFile),
    storeFile: absolute(config.storeFile),
    ...(checkpointFile === undefined ? {} : { checkpointFile: absolute(checkpointFile) }),
    listen: listen.startsWith('unix:') ? `unix:${absolute(listen.slice('unix:'.length))}` : listen,
    nats: {
      ...nats,
      ...(nats.passwordFile === undefined ? {} : { passwordFile: absolute(nats.passwordFile) }),
      ...(nats.credentialsFile === undefined ? {} : { credentialsFile: absolute(nats.credentialsFile) }),
    },
  };
}
