import { useSyncExternalStore } from 'react';

/** Whether a media query matches now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    listener => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}

/** Whether the page is as narrow as on a phone. styles/narrow.css has the same limit. */
export function useNarrow(): boolean {
  return useMedia('(max-width: 820px)');
}
