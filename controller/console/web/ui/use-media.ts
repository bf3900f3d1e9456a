import { useSyncExternalStore } from 'react';

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    told => {
      const list = matchMedia(query);
      list.addEventListener('change', told);
      return () => list.removeEventListener('change', told);
    },
    () => matchMedia(query).matches,
  );
}

/** Whether the page is as narrow as on a phone; the styles change at the same width. */
export function useNarrow(): boolean {
  return useMedia('(max-width: 820px)');
}
