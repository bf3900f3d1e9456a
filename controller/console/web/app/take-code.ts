/**
 * The code that `farcall console` puts into the address, once. It leaves the address at once, so that it stands neither in the
 * history nor on a picture of the screen.
 */
export function takeCode(): string | undefined {
  const code = /^#code=([A-Za-z0-9_.-]{1,512})$/.exec(location.hash)?.[1];
  if (code !== undefined) history.replaceState(null, '', `${location.pathname}#/`);
  return code;
}

/** What came of signing in at the organisation; the address brings one of these words, and never words of its own. */
const REFUSALS = new Map([
  ['unknown-person', 'Your organisation knows you, but this controller lets nobody in by that name.'],
  ['refused', 'Your organisation did not sign you in.'],
  ['expired', 'That took too long, or began in another browser. Begin again here.'],
  ['failed', 'Your organisation’s answer cannot be used; the log of the controller says why.'],
]);

/** Why the way over the organisation ended here, once; undefined where it was not gone. */
export function takeRefusal(): Error | undefined {
  const word = /^#sign-in-refused=([a-z-]{1,32})$/.exec(location.hash)?.[1];
  if (word === undefined) return undefined;
  history.replaceState(null, '', `${location.pathname}#/`);
  return new Error(REFUSALS.get(word) ?? REFUSALS.get('failed'));
}
