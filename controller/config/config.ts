import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type ConfigFile, parseConfigText, readConfigFile } from '../../shared/config-file/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { absoluteKeySource } from '../../shared/keys/index.ts';
import { metricsSchema } from '../../shared/listen/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { allIssues } from '../../shared/schema/index.ts';
import { brokerUrl } from '../../shared/tls/index.ts';
import { LOG_LEVELS } from '../log/index.ts';
import { auditSchema, withAbsoluteAudit } from './audit-config.ts';
import { consoleSchema, withAbsoluteConsole } from './console-config.ts';
import { type StoreConfig, storeSchema, withAbsoluteStore } from './store-config.ts';
import { webhooksSchema, withAbsoluteWebhook } from './webhook-config.ts';

const path = z.string().min(1);

const caFile = path.optional();

const natsSchema = z.strictObject({
  /** tls://host:port, or nats://host:port on loopback. */
  servers: z.array(brokerUrl).min(1),
  /** A .creds file with user JWT and seed; `farcall-controller init` makes it. */
  credentialsFile: path.optional(),
  /**
   * Lets this controller take logins off the broker at once; `farcall-controller init` makes it. Without it,
   * a removed or locked host stays on the broker until its credential expires.
   */
  controlFile: path.optional(),
  /** Certificates to trust for the broker, instead of the system's. */
  caFile,
});

/** How machines become hosts. */
const enrolmentSchema = z.strictObject({
  /** The address at which new hosts reach the operator API, as host:port. */
  address: z.string().min(1).max(1024),
  /** The brokers' addresses for hosts, if they differ from those for the controller. */
  natsServers: z.array(brokerUrl).min(1).max(64).optional(),
  /** The key that signs hosts' credentials for the broker. */
  signingFile: path,
  /** The lifetime of a host's credential. A connected agent renews it after half of that. */
  credentialLifeMs: z
    .int()
    .min(1000)
    .max(365 * 86_400_000)
    .default(7 * 86_400_000),
});

const membersSchema = z.strictObject({
  /** The controller's name in the trust bundle. */
  name: fields.principalName,
  /**
   * The controller's Ed25519 key: a file, 0600, that `farcall key new` has made, or the `pkcs11:` URI of a
   * key in a token.
   */
  key: path,
  /** The roots, whose signatures make a trust bundle valid. They count until the store has a bundle. */
  rootsFile: path,
  /** The store: either `sqlite` or `postgres`. `storeFile: FILE` is short for `store: { sqlite: FILE }`. */
  store: storeSchema.optional(),
  /** Short for `store` with `sqlite`. */
  storeFile: path.optional(),
  /**
   * The key of the store's MACs, 0600: 32 random bytes in base64url. It must not be in the database. All
   * controllers on one store have the same file.
   */
  storeKeyFile: path,
  /** The operator API's address: host:port, on loopback unless there is `tls`; or unix:PATH. */
  listen: z.string().min(1),
  /** Certificate (with its chain) and key of the operator API, in PEM. */
  tls: z.strictObject({ certFile: path, keyFile: path }).optional(),
  /** The broker. */
  nats: natsSchema,
  /** How machines become hosts. Without it, no machine can. */
  enrolment: enrolmentSchema.optional(),
  /** Signs modules for hosts whose kernels take signed modules only. Without it, nothing is signed. */
  moduleSigning: z
    .strictObject({
      /** The signing key: a PEM file, 0600, or a `pkcs11:` URI. */
      key: path,
      /** The key's certificate, which the kernels of hosts must trust. */
      certificateFile: path,
      /** Known kernels: BUILDID.btf and BUILDID.kallsyms, copied from trusted machines. */
      kernelsFolder: path.optional(),
      /** Whether to sign modules for known kernels only. */
      onlyKnownKernels: z.boolean().default(false),
    })
    .refine(
      ({ kernelsFolder, onlyKnownKernels }) => !onlyKnownKernels || kernelsFolder !== undefined,
      'onlyKnownKernels needs a kernelsFolder',
    )
    .optional(),
  /**
   * When the last call of a request must have ended, the controller waits this long. A host that is still
   * silent is then `expired`.
   */
  hostSilenceMs: z.int().min(0).max(86_400_000).default(30_000),
  /**
   * Checkpoints of the audit log are appended to this file, besides the store. Best on somebody else's disk.
   */
  checkpointFile: path.optional(),
  /** The longest time that an entry of the audit log waits for its checkpoint. */
  checkpointEveryMs: z.int().min(0).max(3_600_000).default(10_000),
  /** Where the audit log is streamed to, besides the store. Of several controllers, one streams. */
  audit: auditSchema.optional(),
  /** `#define NAME VALUE` lines. A request includes those that its program uses. */
  preludeFile: path.optional(),
  /** Serves metrics and probes of this controller. Without it, neither is served. */
  metrics: metricsSchema.optional(),
  /** The web page for operators. Without it, there is none. */
  console: consoleSchema.optional(),
  /** Addresses that receive events about requests: docs/webhooks.md. */
  webhooks: webhooksSchema,
  /** The lowest level that is logged. */
  logLevel: z.enum(LOG_LEVELS).default('info'),
});

/** The members of a controller's configuration file; all others are refused. */
export const controllerConfigSchema = membersSchema.transform(({ store, storeFile, ...rest }, context) => {
  if ((store === undefined) === (storeFile === undefined)) context.addIssue('give either store or storeFile');
  return { ...rest, store: store ?? ({ sqlite: storeFile ?? '' } satisfies StoreConfig) };
});

/** The configuration of a controller, with absolute paths. */
export type ControllerConfig = z.infer<typeof controllerConfigSchema>;

/**
 * The configuration in the JSON file `file` and its drop-in files; see `readConfigFile`. Relative paths count
 * from the folder of `file`. Throws CONFIG_INVALID, and FILE_UNREADABLE if others can change a drop-in file.
 */
export function readConfig(file: string): ControllerConfig {
  return checkedConfig(readConfigFile(file, 'CONFIG_INVALID'), file);
}

/**
 * The configuration in `text`. Throws CONFIG_INVALID naming the place; members that nobody knows are errors.
 */
export function parseConfig(text: string, file: string): ControllerConfig {
  return checkedConfig({ json: parseConfigText(text, file), originOf: () => file }, file);
}

function checkedConfig({ json, originOf }: ConfigFile, file: string): ControllerConfig {
  const parsed = controllerConfigSchema.safeParse(json);
  if (parsed.success) return withAbsolutePaths(parsed.data, dirname(resolve(file)));
  throw new FarcallError('CONFIG_INVALID', allIssues(parsed.error, originOf, 'configuration'));
}

function withAbsolutePaths(config: ControllerConfig, folder: string): ControllerConfig {
  const absolute = (name: string): string => resolve(folder, name);
  const { listen, nats, tls, enrolment, checkpointFile, moduleSigning, console: page } = config;
  return {
    ...config,
    key: absoluteKeySource(config.key, folder),
    rootsFile: absolute(config.rootsFile),
    store: withAbsoluteStore(config.store, absolute),
    storeKeyFile: absolute(config.storeKeyFile),
    ...(checkpointFile === undefined ? {} : { checkpointFile: absolute(checkpointFile) }),
    listen: listen.startsWith('unix:') ? `unix:${absolute(listen.slice('unix:'.length))}` : listen,
    ...(config.audit && { audit: withAbsoluteAudit(config.audit, absolute) }),
    webhooks: config.webhooks.map(webhook => withAbsoluteWebhook(webhook, absolute)),
    ...(config.preludeFile === undefined ? {} : { preludeFile: absolute(config.preludeFile) }),
    ...(tls && { tls: { certFile: absolute(tls.certFile), keyFile: absolute(tls.keyFile) } }),
    nats: {
      ...nats,
      ...(nats.credentialsFile !== undefined && { credentialsFile: absolute(nats.credentialsFile) }),
      ...(nats.controlFile !== undefined && { controlFile: absolute(nats.controlFile) }),
      ...(nats.caFile !== undefined && { caFile: absolute(nats.caFile) }),
    },
    ...(moduleSigning && {
      moduleSigning: {
        ...moduleSigning,
        ...(moduleSigning.kernelsFolder !== undefined && {
          kernelsFolder: absolute(moduleSigning.kernelsFolder),
        }),
        key: absoluteKeySource(moduleSigning.key, folder),
        certificateFile: absolute(moduleSigning.certificateFile),
      },
    }),
    ...(page && { console: withAbsoluteConsole(page, absolute) }),
    ...(enrolment && {
      enrolment: { ...enrolment, signingFile: absolute(enrolment.signingFile) },
    }),
  };
}
