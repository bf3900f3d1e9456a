import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js';
import { identityOneOf } from '../tls/index.ts';

/** The address of a controller, and the certificates to trust. */
export interface ChannelOptions {
  /** host:port or unix:/PATH. */
  readonly address: string;
  /** Certificates in PEM, one of which must have signed the controller's; undefined for plain text. */
  readonly ca: string | Uint8Array | undefined;
  /** Largest message that is accepted. */
  readonly receiveLimitBytes: number;
}

/**
 * How long a channel that lost its controller waits at most before it connects again; the library's default
 * is two minutes.
 */
const RECONNECT_LIMIT_MS = 10_000;

/**
 * While a call lasts, the controller is pinged so often, and may take so long to answer, in milliseconds: one
 * that is frozen, or behind a dead link, does not keep a call until its limit, which may be an hour.
 */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 5000 };

/**
 * A gRPC client for a controller. It connects on its first call.
 *
 * Threat: somebody on the network answers in place of the controller. Its certificate must be signed by one
 * of `ca` and be for the host in the address, over TLS 1.3 (RFC 8446) only. Proxies that the environment
 * names are not used.
 */
export function channelTo({ address, ca, receiveLimitBytes }: ChannelOptions): Client {
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return new Client(address, channelCredentials(host, ca), {
    'grpc.max_receive_message_length': receiveLimitBytes,
    'grpc.enable_http_proxy': 0,
    'grpc.max_reconnect_backoff_ms': RECONNECT_LIMIT_MS,
    ...KEEPALIVE,
    // RFC 6066, 3 allows no IP address as server name; the certificate is still checked for the address.
    ...(isIP(host) && ca !== undefined && { 'grpc.ssl_target_name_override': 'localhost' }),
  });
}

function channelCredentials(host: string, ca: string | Uint8Array | undefined): ChannelCredentials {
  if (ca === undefined) return credentials.createInsecure();
  const context = createSecureContext({ ca: Buffer.from(ca), minVersion: 'TLSv1.3' });
  return credentials.createFromSecureContext(context, { checkServerIdentity: identityOneOf([host]) });
}
