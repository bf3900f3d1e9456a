import { useSyncExternalStore } from 'react';

/** An address within the console: the parts of its path, and its query. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * The current route. Routes are in the fragment: the server has one page, and its log never shows what people
 * look at.
 */
export function useRoute(): Route {
  const hash = useSyncExternalStore(watchHash, () => location.hash);
  return routeOf(hash);
}

/** The route of a fragment such as `#/requests/R?tab=results`. */
export function routeOf(hash: string): Route {
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

/** The link to a route: `hrefTo(['requests', id], { tab: 'results' })`. */
export function hrefTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const search = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Navigates to a link made by {@link hrefTo}. */
export function goTo(href: string): void {
  location.hash = href;
}

function watchHash(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
