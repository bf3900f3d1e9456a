import { z } from 'zod';
import { readSecretText } from '../../shared/files/index.ts';
import { readTrustedCertificates } from '../../shared/tls/index.ts';
import type { PostgresOptions, StoreLocation } from '../store/index.ts';

const path = z.string().min(1);
const name = z.string().min(1).max(63);

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|::1)$/;

const DEFAULT_PORT = 5432;

/** Where the database is, in one line. */
const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'write postgres://user@host:port/database' })
  .refine(url => !new URL(url).password, 'the address may not carry a password; use passwordFile')
  .refine(
    url => !new URL(url).search && !new URL(url).hash,
    'the address takes no options; they are members beside it',
  );

const addressSchema = z.strictObject({
  /** postgres://user@host:port/database, instead of the four members below. */
  url: postgresUrl.optional(),
  /** A name or address, or the directory of a Unix socket. */
  host: z.string().min(1).max(255).optional(),
  /** The port; 5432 if absent. */
  port: z.int().min(1).max(65_535).optional(),
  /** The name of the database. */
  database: name.optional(),
  /** The user that connects. */
  user: name.optional(),
});

const postgresSchema = addressSchema
  .extend({
    /** A file with the password, 0600. It is read again for each connection. */
    passwordFile: path.optional(),
    /** The schema that contains the tables. It is created if it does not exist. */
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,39}$/, 'small letters, digits and _; at most 40')
      .default('farcall'),
    /** TLS. Required except on loopback and Unix sockets; {} trusts the system's certificates. */
    tls: z
      .strictObject({
        /** Certificates to trust for the database. */
        caFile: path.optional(),
        /** The controller's certificate. */
        certFile: path.optional(),
        /** Its key, 0600. */
        keyFile: path.optional(),
      })
      .refine(
        ({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined),
        'certFile and keyFile go together',
      )
      .optional(),
    /** The largest number of connections, besides the one that listens. */
    connections: z.int().min(2).max(1000).default(8),
    /** The longest wait for a statement, a connection or a lock. */
    timeoutMs: z.int().min(100).max(600_000).default(15_000),
  })
  .transform(({ url, host, port, database, user, ...rest }, context) => {
    const server = url === undefined ? { host, port, database, user } : partsOf(url);
    if (url !== undefined && (host ?? port ?? database ?? user) !== undefined)
      context.addIssue('url stands for host, port, database and user; give one or the other');
    for (const member of ['host', 'database', 'user'] as const)
      if (!server[member]) context.addIssue(`the ${member} is missing`);
    const at = server.host ?? '';
    // Threat: plain text on the network shows every program and result, and lets anyone who is on the way
    // write the log.
    if (!rest.tls && !at.startsWith('/') && !LOOPBACK.test(at))
      context.addIssue(`plain text is for loopback only; give tls ({} trusts the system's certificates)`);
    const address = { host: at, port: server.port ?? DEFAULT_PORT };
    return { ...rest, ...address, database: server.database ?? '', user: server.user ?? '' };
  });

/** Where the store is: SQLite's file, made where it does not exist, or a PostgreSQL database. */
export const storeSchema = z
  .strictObject({
    /** A SQLite file, which belongs to this controller alone. It is created if it does not exist. */
    sqlite: path.optional(),
    /** A PostgreSQL database (15 or later), which several controllers may share. */
    postgres: postgresSchema.optional(),
  })
  .transform(({ sqlite, postgres }, context): StoreConfig => {
    if ((sqlite === undefined) === (postgres === undefined))
      context.addIssue('give either sqlite or postgres');
    return postgres ? { postgres } : { sqlite: sqlite ?? '' };
  });

/** The member `store` of a configuration. */
export type StoreConfig = { readonly sqlite: string } | { readonly postgres: z.infer<typeof postgresSchema> };

interface Address {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
}

function partsOf(url: string): Address {
  const { hostname, port, pathname, username } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
  };
}

/** `config` with the paths in it made absolute. */
export function withAbsoluteStore(config: StoreConfig, absolute: (path: string) => string): StoreConfig {
  if ('sqlite' in config) return { sqlite: absolute(config.sqlite) };
  const { passwordFile, tls, ...rest } = config.postgres;
  const members = Object.entries(tls ?? {}).map(([member, file]) => [member, file && absolute(file)]);
  return {
    postgres: {
      ...rest,
      ...(passwordFile !== undefined && { passwordFile: absolute(passwordFile) }),
      ...(tls && { tls: Object.fromEntries(members) }),
    },
  };
}

/**
 * The store that `config` means, with what its files hold. Throws FILE_UNREADABLE where one cannot be used.
 */
export function storeLocation(config: StoreConfig): StoreLocation {
  if ('sqlite' in config) return config;
  const { passwordFile, tls, ...rest } = config.postgres;
  const password = passwordFile === undefined ? undefined : () => readSecretText(passwordFile);
  // Read once now: what is wrong with it is an error of the start, not of a connection.
  password?.();
  return { postgres: { ...rest, password, tls: tls && tlsOf(tls) } };
}

type TlsFiles = NonNullable<Extract<StoreConfig, { postgres: unknown }>['postgres']['tls']>;

function tlsOf({ caFile, certFile, keyFile }: TlsFiles): PostgresOptions['tls'] {
  return {
    ca: caFile === undefined ? undefined : readTrustedCertificates(caFile).toString('utf8'),
    cert: certFile === undefined ? undefined : readTrustedCertificates(certFile).toString('utf8'),
    key: keyFile === undefined ? undefined : readSecretText(keyFile),
  };
}
