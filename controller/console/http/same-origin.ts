import type { IncomingHttpHeaders } from 'node:http';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { ConsoleConfig } from './console-deps.ts';

/**
 * Throws FORBIDDEN where a call does not come from our own page.
 *
 * Threats: another page that has the browser of somebody who is signed in call us. The cookie is SameSite=Strict, but
 * neighbours below one domain are one site; so what changes something must have our `Origin`, which no page can choose
 * (Fetch, section 3.2), and must be JSON, which no form can send. Browsers that tell more (`Sec-Fetch-Site`) are believed. And a
 * page that has its own name point to our address (DNS rebinding) sends its name as `Host`.
 */
export function checkSameOrigin(
  { origin }: Pick<ConsoleConfig, 'origin'>,
  method: string,
  headers: IncomingHttpHeaders,
): void {
  checkHost({ origin }, headers);
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new FarcallError('FORBIDDEN', 'another page called, and that is not allowed');
  if (method === 'GET' || method === 'HEAD') return;
  if (headers.origin !== origin) throw new FarcallError('FORBIDDEN', `only ${origin} itself may call this`);
  if (headers['content-type']?.split(';')[0]?.trim() !== 'application/json')
    throw new FarcallError('FORBIDDEN', 'a call has to be JSON');
}

/** Throws FORBIDDEN where the browser looks for somebody else at our address (DNS rebinding). */
export function checkHost({ origin }: Pick<ConsoleConfig, 'origin'>, headers: IncomingHttpHeaders): void {
  const host = headers[':authority'] ?? headers.host;
  if (host !== new URL(origin).host)
    throw new FarcallError('FORBIDDEN', `this console is ${origin}, and not ${String(host)}`);
}
