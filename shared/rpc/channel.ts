import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js';
import { identityOneOf } from '../tls/index.ts';

/** How a controller is called. */
export interface ChannelOptions {
  /** host:port or unix:/PATH. */
  readonly address: string;
  /** Certificates in PEM, by one of which the controller's must be signed; undefined for plain text. */
  readonly ca: string | Uint8Array | undefined;
  readonly receiveLimitBytes: number;
}

/**
 * A channel to a controller; it connects when it is used.
 *
 * Threat: somebody on the way answers in the controller's place. Its certificate must be signed by one of
 * `ca`, and be for the host in the address; TLS 1.3 (RFC 8446) or nothing. No proxy that the environment
 * names gets to see anything.
 */
export function channelTo({ address, ca, receiveLimitBytes }: ChannelOptions): Client {
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return new Client(address, channelCredentials(host, ca), {
    'grpc.max_receive_message_length': receiveLimitBytes,
    'grpc.enable_http_proxy': 0,
    // RFC 6066, 3 allows no IP address as server name; the certificate is still checked for the address.
    ...(isIP(host) && ca !== undefined && { 'grpc.ssl_target_name_override': 'localhost' }),
  });
}

function channelCredentials(host: string, ca: string | Uint8Array | undefined): ChannelCredentials {
  if (ca === undefined) return credentials.createInsecure();
  const context = createSecureContext({ ca: Buffer.from(ca), minVersion: 'TLSv1.3' });
  return credentials.createFromSecureContext(context, { checkServerIdentity: identityOneOf([host]) });
}
