import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';

/** A host name or IP address (without brackets) and a port to listen on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const HOST_PORT = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** Schema of the member `metrics` of a configuration. */
export const metricsSchema = z.strictObject({
  /** The address for Prometheus and for probes, as host:port. */
  listen: z.string().regex(HOST_PORT, 'write host:port, as 127.0.0.1:9464').default('127.0.0.1:9464'),
});

/** Reads `host:port`, or `[address]:port` for IPv6. Throws CONFIG_INVALID. */
export function parseListen(text: string): ListenAddress {
  const [, bracketed, plain, port] = HOST_PORT.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535)
    throw new FarcallError('CONFIG_INVALID', `metrics.listen: '${text}' is not host:port`);
  return { host, port: Number(port) };
}
