/**
 * The code that `farcall console` puts into the address, once. It leaves the address at once, so that it stands neither in the
 * history nor on a picture of the screen.
 */
export function takeCode(): string | undefined {
  const code = /^#code=([A-Za-z0-9_.-]{1,512})$/.exec(location.hash)?.[1];
  if (code !== undefined) history.replaceState(null, '', `${location.pathname}#/`);
  return code;
}
