import { BROKER_PAYLOAD_BYTES, type BrokerTrust } from './broker-keys.ts';

/** Inputs of {@link brokerConfig}. Paths are as the nats-server will see them. */
export interface BrokerConfigInput {
  /** Address to listen on. */
  readonly host: string;
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
  readonly trust: BrokerTrust;
}

/**
 * Configuration of a nats-server: TLS, and nobody in but who has a credential of this site. Hosts come and go
 * without a change here. Written for 2.9, as Debian 12 has it, which knows neither `auth_callout` nor
 * `handshake_first`.
 */
export function brokerConfig({ host, port, certFile, keyFile, trust }: BrokerConfigInput): string {
  const { operatorJwt, accountId, accountJwt } = trust;
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
    'resolver: MEMORY',
    'resolver_preload: {',
    `  ${accountId}: ${accountJwt}`,
    '}',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
