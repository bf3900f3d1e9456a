import { BROKER_PAYLOAD_BYTES, type BrokerTrust } from './broker-keys.ts';

/** Inputs of {@link brokerConfig}. Paths are as the nats-server will see them. */
export interface BrokerConfigInput {
  /** Address to listen on. */
  readonly host: string;
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
  /** Folder in which the broker keeps the claims of accounts; it must be able to write there. */
  readonly claimsFolder: string;
  readonly trust: BrokerTrust;
}

/**
 * Configuration of a nats-server: TLS, and nobody in but who has a credential of this site. Hosts come and go
 * without a change here. Written for 2.9, as Debian 12 has it, which knows neither `auth_callout` nor
 * `handshake_first`.
 */
export function brokerConfig(input: BrokerConfigInput): string {
  const { host, port, certFile, keyFile, claimsFolder, trust } = input;
  const { operatorJwt, accountId, accountJwt, systemId, systemJwt } = trust;
  return [
    '# Made by farcall-controller init. nats-server -c FILE runs it.',
    `host: ${quoted(host)}`,
    `port: ${port}`,
    `max_payload: ${BROKER_PAYLOAD_BYTES}`,
    'tls {',
    `  cert_file: ${quoted(certFile)}`,
    `  key_file: ${quoted(keyFile)}`,
    '  # Clients of farcall speak TLS 1.3 only; five seconds let a slow machine through.',
    '  timeout: 5',
    '}',
    `operator: ${operatorJwt}`,
    `system_account: ${systemId}`,
    '# The controller changes the claims of the account while the broker runs, to take logins off it.',
    'resolver: {',
    '  type: full',
    `  dir: ${quoted(claimsFolder)}`,
    '  allow_delete: false',
    '  interval: "2m"',
    '}',
    '# Older than what the broker has in that folder, these do not count.',
    'resolver_preload: {',
    `  ${accountId}: ${accountJwt}`,
    `  ${systemId}: ${systemJwt}`,
    '}',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
