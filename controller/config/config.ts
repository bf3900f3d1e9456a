import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { metricsSchema } from '../../shared/listen/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { firstIssue } from '../../shared/schema/index.ts';
import { brokerUrl } from '../../shared/tls/index.ts';
import { LOG_LEVELS } from '../log/index.ts';
import { consoleSchema, withAbsoluteConsole } from './console-config.ts';
import { type StoreConfig, storeSchema, withAbsoluteStore } from './store-config.ts';
import { webhooksSchema, withAbsoluteWebhook } from './webhook-config.ts';

const path = z.string().min(1);

const caFile = path.optional();

const natsSchema = z.strictObject({
  /** tls://host:port, or nats://host:port on loopback. */
  servers: z.array(brokerUrl).min(1),
  /** A .creds file: user JWT and seed; made by `farcall-controller init`. */
  credentialsFile: path.optional(),
  /** Certificates that are trusted for the broker instead of the system's. */
  caFile,
});

/** How machines become hosts. */
const enrolmentSchema = z.strictObject({
  /** host:port at which new hosts reach the operator API. */
  address: z.string().min(1).max(1024),
  /** Brokers that hosts are told, where they reach them otherwise than the controller does. */
  natsServers: z.array(brokerUrl).min(1).max(64).optional(),
  /** Key that signs hosts' credentials for the broker. */
  signingFile: path,
  /** Handed to each new host byte for byte. */
  rootsFile: path,
  /** How long a host's credential is good; a connected agent renews it at half of that. */
  credentialLifeMs: z
    .int()
    .min(1000)
    .max(365 * 86_400_000)
    .default(7 * 86_400_000),
});

const membersSchema = z.strictObject({
  /** The controller's name in the trust bundle. */
  name: fields.principalName,
  /** Its Ed25519 key, 0600; made by `farcall key new`. */
  keyFile: path,
  /** The roots: those whose signatures make a trust bundle. They count until the store has one. */
  rootsFile: path,
  /** Where everything is kept; exactly one of the two. `storeFile: FILE` is short for `store: { sqlite: FILE }`. */
  store: storeSchema.optional(),
  /** Short for `store` with `sqlite`. */
  storeFile: path.optional(),
  /** host:port, on loopback where there is no `tls`; or unix:PATH. */
  listen: z.string().min(1),
  /** Certificate (with those that signed it) and key of the operator API, in PEM. */
  tls: z.strictObject({ certFile: path, keyFile: path }).optional(),
  /** The broker. */
  nats: natsSchema,
  /** How machines become hosts; without it, none does. */
  enrolment: enrolmentSchema.optional(),
  /** Signs modules for hosts whose kernels take signed ones only; without it, none are signed. */
  moduleSigning: z
    .strictObject({
      /** A PEM file, 0600, or a `pkcs11:` URI. */
      key: path,
      /** Its certificate, which the kernels of hosts must trust. */
      certificateFile: path,
      /** Known kernels: BUILDID.btf and BUILDID.kallsyms, copied from machines that are trusted. */
      kernelsFolder: path.optional(),
      /** Whether modules are signed for these only. */
      onlyKnownKernels: z.boolean().default(false),
    })
    .refine(
      ({ kernelsFolder, onlyKnownKernels }) => !onlyKnownKernels || kernelsFolder !== undefined,
      'onlyKnownKernels needs a kernelsFolder',
    )
    .optional(),
  /** How long a host may be silent after the last moment at which a call could end, before it is `expired`. */
  hostSilenceMs: z.int().min(0).max(86_400_000).default(30_000),
  /** Where checkpoints of the audit log are appended, beside the store: best a disk that others look after. */
  checkpointFile: path.optional(),
  /** Longest that an entry of the audit log waits for its checkpoint. */
  checkpointEveryMs: z.int().min(0).max(3_600_000).default(10_000),
  /** Constants as `#define NAME VALUE` lines; those that a program uses are put before it when it is requested. */
  preludeFile: path.optional(),
  /** Where Prometheus and probes find this controller; nowhere where it is absent. */
  metrics: metricsSchema.optional(),
  /** The web page for operators; absent: none. */
  console: consoleSchema.optional(),
  /** Who is told what happens to requests: docs/webhooks.md. */
  webhooks: webhooksSchema,
  /** The least that is logged. */
  logLevel: z.enum(LOG_LEVELS).default('info'),
});

/** What the file of a controller may hold. */
export const controllerConfigSchema = membersSchema.transform(({ store, storeFile, ...rest }, context) => {
  if ((store === undefined) === (storeFile === undefined)) context.addIssue('give either store or storeFile');
  return { ...rest, store: store ?? ({ sqlite: storeFile ?? '' } satisfies StoreConfig) };
});

/** The configuration of a controller, with absolute paths. */
export type ControllerConfig = z.infer<typeof controllerConfigSchema>;

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
  const parsed = controllerConfigSchema.safeParse(json);
  if (!parsed.success) {
    throw new FarcallError('CONFIG_INVALID', `${file}: ${firstIssue(parsed.error, 'configuration')}`);
  }
  return withAbsolutePaths(parsed.data, dirname(resolve(file)));
}

function withAbsolutePaths(config: ControllerConfig, folder: string): ControllerConfig {
  const absolute = (name: string): string => resolve(folder, name);
  const { listen, nats, tls, enrolment, checkpointFile, moduleSigning, console: page } = config;
  return {
    ...config,
    keyFile: absolute(config.keyFile),
    rootsFile: absolute(config.rootsFile),
    store: withAbsoluteStore(config.store, absolute),
    ...(checkpointFile === undefined ? {} : { checkpointFile: absolute(checkpointFile) }),
    listen: listen.startsWith('unix:') ? `unix:${absolute(listen.slice('unix:'.length))}` : listen,
    webhooks: config.webhooks.map(webhook => withAbsoluteWebhook(webhook, absolute)),
    ...(config.preludeFile === undefined ? {} : { preludeFile: absolute(config.preludeFile) }),
    ...(tls && { tls: { certFile: absolute(tls.certFile), keyFile: absolute(tls.keyFile) } }),
    nats: {
      ...nats,
      ...(nats.credentialsFile !== undefined && { credentialsFile: absolute(nats.credentialsFile) }),
      ...(nats.caFile !== undefined && { caFile: absolute(nats.caFile) }),
    },
    ...(moduleSigning && {
      moduleSigning: {
        ...moduleSigning,
        ...(moduleSigning.kernelsFolder !== undefined && {
          kernelsFolder: absolute(moduleSigning.kernelsFolder),
        }),
        key: moduleSigning.key.startsWith('pkcs11:') ? moduleSigning.key : absolute(moduleSigning.key),
        certificateFile: absolute(moduleSigning.certificateFile),
      },
    }),
    ...(page && { console: withAbsoluteConsole(page, absolute) }),
    ...(enrolment && {
      enrolment: {
        ...enrolment,
        signingFile: absolute(enrolment.signingFile),
        rootsFile: absolute(enrolment.rootsFile),
      },
    }),
  };
}
