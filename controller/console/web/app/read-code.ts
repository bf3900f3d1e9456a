import { PageMessage } from '../text/index.ts';

/**
 * The code that `farcall console` puts into the address, once. It is removed from the address immediately, so
 * that neither the history nor a screenshot shows it.
 */
export function consumeCode(): string | undefined {
  const code = /^#code=([A-Za-z0-9_.-]{1,512})$/.exec(location.hash)?.[1];
  if (code !== undefined) history.replaceState(null, '', `${location.pathname}#/`);
  return code;
}

const REFUSED = 'The controller cannot use your organisation’s answer; its log says why.';

/** Why signing in at the OpenID provider failed. The address brings one of these keys, never a text. */
const REFUSALS = new Map([
  ['unknown-person', 'Your organisation knows you, but this controller lets nobody in by that name.'],
  ['refused', 'Your organisation did not sign you in.'],
  ['expired', 'That took too long, or began in another browser. Start again here.'],
]);

/** Why signing in at the OpenID provider failed, once; undefined if nobody tried. */
export function consumeRefusal(): PageMessage | undefined {
  const key = /^#sign-in-refused=([a-z-]{1,32})$/.exec(location.hash)?.[1];
  if (key === undefined) return undefined;
  history.replaceState(null, '', `${location.pathname}#/`);
  return new PageMessage(REFUSALS.get(key) ?? REFUSED);
}
