import { useSyncExternalStore } from 'react';

/** Where one is: the parts of the path, and what stands behind the question mark. */
export interface Place {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Addresses stand behind the hash: the server has one page, and what is looked at never reaches its log. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(watchHash, () => location.hash);
  return placeIn(hash);
}

/** The place that `#/requests/R?tab=results` names. */
export function placeIn(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter(part => part !== '');
  return { path: parts.map(decoded), query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a place: `hrefTo(['requests', id], { tab: 'results' })`. */
export function hrefTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const search = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Goes to an address made by {@link hrefTo}. */
export function goTo(href: string): void {
  location.hash = href;
}

/** The same without a new entry in the history: what is shown changes, not where one is. */
export function replaceWith(href: string): void {
  history.replaceState(null, '', href);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function watchHash(told: () => void): () => void {
  addEventListener('hashchange', told);
  return () => removeEventListener('hashchange', told);
}
