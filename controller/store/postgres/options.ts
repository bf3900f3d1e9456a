/** How to reach a PostgreSQL database, and how to behave there. */
export interface PostgresOptions {
  /** Name or address; a path is the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /**
   * Reads the password, again for each connection, so that it can be replaced; undefined if none is
   * needed.
   */
  readonly password: (() => string) | undefined;
  /** The schema in which farcall's tables are; made where it does not exist. */
  readonly schema: string;
  /** PEM; undefined if the connection is not encrypted. */
  readonly tls: PostgresTls | undefined;
  /** Most connections beside the one that listens. */
  readonly connections: number;
  /** Longest that one statement, or waiting for a connection or a lock, may take. */
  readonly timeoutMs: number;
}

/** Whom to believe, and as whom to appear. */
export interface PostgresTls {
  /** Certificates that are trusted instead of the system's. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}
