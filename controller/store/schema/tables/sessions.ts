/** The tables of tokens and of the console, in SQLite's spelling; their types follow. */
export const SESSIONS_SQL = `
  create table used_tokens (
    signer text not null,
    jti text not null,
    issued_at_s integer not null,
    mac blob not null,
    primary key (signer, jti)
  ) strict;
  create index used_tokens_by_time on used_tokens (issued_at_s);

  create table console_sessions (
    id text primary key,
    person text not null,
    kid text not null,
    sign_in_method text not null,
    used_at_ms integer not null,
    ends_at_ms integer not null,
    mac blob not null
  ) strict;

  create table console_tickets (
    id text primary key,
    kind text not null,
    person text not null,
    kid text not null,
    ends_at_ms integer not null,
    mac blob not null
  ) strict;
`;

/** Operator tokens that were used, as long as they would be accepted again. */
export interface UsedTokensTable {
  signer: string;
  jti: string;
  issued_at_s: number;
  mac: Uint8Array;
}

/** How an operator signed in at the console. */
export type SignInMethod = 'passkey' | 'operator-key' | 'oidc';

/** Who is signed in at the console. */
export interface ConsoleSessionsTable {
  /** SHA-256 of what the browser holds, in hex. */
  id: string;
  person: string;
  kid: string;
  sign_in_method: SignInMethod;
  used_at_ms: number;
  ends_at_ms: number;
  mac: Uint8Array;
}

/** One-time tickets of the console: challenges, codes and sign-ins at a provider. */
export interface ConsoleTicketsTable {
  /** SHA-256 of it, in hex. */
  id: string;
  kind: string;
  /** Empty for challenges. */
  person: string;
  kid: string;
  ends_at_ms: number;
  mac: Uint8Array;
}
