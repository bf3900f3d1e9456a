import type { FetchBody } from 'openid-client';
import { FarcallError } from '../../../shared/errors/index.ts';

/** Replies of providers have a few kilobytes. */
const LIMIT_BYTES = 256 << 10;
const TIMEOUT_MS = 5000;

/** Method, headers and body of a request; undefined members are left out. */
interface BoundedInit {
  readonly method?: string;
  readonly headers?: RequestInit['headers'];
  readonly body?: FetchBody;
}

/**
 * `fetch` with limits: five seconds, 256 KiB, and no redirects. Throws PROVIDER_FAILED with the address.
 *
 * Threat: a provider, or somebody on the path to it, sends without end, delays its reply, or redirects us
 * into our own network.
 */
export async function fetchBounded(
  address: string | URL | Request,
  { body, ...init }: BoundedInit = {},
): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const sent = { ...init, ...(body !== undefined && { body }) } as RequestInit;
    const response = await fetch(address, { ...sent, redirect: 'error', signal });
    const bytes = await bounded(response.body);
    return new Response(bytes, { status: response.status, headers: response.headers });
  } catch (cause) {
    const { message } = cause as Error;
    throw new FarcallError('PROVIDER_FAILED', `${String(address)}: ${message}`, { cause });
  }
}

async function bounded(body: Response['body']): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > LIMIT_BYTES) throw new RangeError(`the reply has more than ${LIMIT_BYTES >> 10} KiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
