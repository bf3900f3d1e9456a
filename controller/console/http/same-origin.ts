import type { IncomingHttpHeaders } from 'node:http';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { ConsoleSettings } from './console-deps.ts';

/**
 * Throws FORBIDDEN where a call does not come from our own page.
 *
 * Threats: another page makes the browser of a signed-in person call us. The cookie is SameSite=Strict, but
 * neighbours below one domain are one site; so a call that changes something must carry our `Origin`, which
 * no page can choose (Fetch, section 3.2), and must be JSON, which no form can send. If the browser sends
 * `Sec-Fetch-Site`, that must agree. And a page whose own name resolves to our address (DNS rebinding) sends
 * its name as `Host`.
 */
export function checkSameOrigin(
  { origin }: Pick<ConsoleSettings, 'origin'>,
  method: string,
  headers: IncomingHttpHeaders,
): void {
  checkHost({ origin }, headers);
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new FarcallError('FORBIDDEN', 'another page made this call, and that is not allowed');
  if (method === 'GET' || method === 'HEAD') return;
  if (headers.origin !== origin) throw new FarcallError('FORBIDDEN', `only ${origin} itself may call this`);
  if (headers['content-type']?.split(';')[0]?.trim() !== 'application/json')
    throw new FarcallError('FORBIDDEN', 'a call must be JSON');
}

/** Throws FORBIDDEN where the browser reached our address by another name (DNS rebinding). */
export function checkHost({ origin }: Pick<ConsoleSettings, 'origin'>, headers: IncomingHttpHeaders): void {
  const host = headers[':authority'] ?? headers.host;
  if (host !== new URL(origin).host)
    throw new FarcallError('FORBIDDEN', `this console is ${origin}, not ${String(host)}`);
}
