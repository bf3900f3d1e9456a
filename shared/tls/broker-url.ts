import { z } from 'zod';

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])$/;

/**
 * Schema of the address of a broker: `tls://host:port`, or `nats://host:port` on loopback. It has no user or
 * password, because it is logged.
 *
 * Threat: plain text on the network shows every program and result, and anyone on the path can impersonate
 * the broker.
 */
export const brokerUrl = z
  .url({ protocol: /^(nats|tls)$/, error: 'write tls://host:port, or nats://host:port on loopback' })
  .refine(url => !new URL(url).username, 'the address may not carry a user')
  .refine(
    url => url.startsWith('tls:') || LOOPBACK.test(new URL(url).hostname),
    'plain nats:// is for loopback only; write tls://host:port',
  );

/** Whether any of these addresses is `tls://`; then every connection uses TLS. */
export function wantsTls(servers: readonly string[]): boolean {
  return servers.some(url => url.startsWith('tls:'));
}

/** The hosts in these addresses: names or IP addresses, without port and brackets. */
export function hostsOf(servers: readonly string[]): string[] {
  return servers.map(url => new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

/** Whether a name or address, without a port, means the machine itself: no other machine reaches it there. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || LOOPBACK.test(host) || LOOPBACK.test(`[${host}]`);
}
