import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { FarcallError } from '../../shared/errors/index.ts';

/** One try to post an event. */
export interface PostOptions {
  readonly url: string;
  /** Certificates in PEM, trusted instead of the system's. */
  readonly ca: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Gives up the try when it is aborted. */
  readonly signal: AbortSignal;
  /** From the first packet to the headers of the answer; 10 seconds by default. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** How long the headers of an answer may be. */
const HEADERS_LIMIT_BYTES = 16_384;

/**
 * Posts `body`; resolves when the receiver has answered with a 2xx. Throws UNREACHABLE with the reason
 * otherwise; of the answer it says the status and nothing else.
 *
 * Threat: the address comes from the operator's configuration alone, and private addresses are allowed on
 * purpose: chat tools stand there. A receiver that was taken over can send nobody elsewhere, as redirects are
 * failures; it can fill no memory and hold no connection, as its answer's body is not read and the time is
 * limited; and it learns no secret.
 */
export async function post(options: PostOptions): Promise<void> {
  const { url, ca, headers, body, signal, timeoutMs = TIMEOUT_MS } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const status = await new Promise<number>((resolve, reject) => {
    const bytes = Buffer.from(body, 'utf8');
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const options = {
      method: 'POST',
      // One connection for each try: none is kept open to a server that is not ours.
      agent: false,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'farcall',
      },
      maxHeaderSize: HEADERS_LIMIT_BYTES,
      signal: AbortSignal.any([signal, timeout]),
      // These servers are not ours; some do not have TLS 1.3 yet.
      minVersion: 'TLSv1.2' as const,
      ...(ca !== undefined && { ca }),
    };
    const sent = request(url, options, response => {
      resolve(response.statusCode ?? 0);
      response.on('error', () => undefined);
      response.destroy();
    });
    sent.on('error', reject);
    sent.end(bytes);
  }).catch((cause: unknown) => {
    const reason = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(cause);
    throw new FarcallError('UNREACHABLE', reason, { cause });
  });
  if (status < 200 || status > 299) throw new FarcallError('UNREACHABLE', `the answer was ${status}`);
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(cause);
}
