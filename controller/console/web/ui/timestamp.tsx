import type { ReactElement } from 'react';
import { ago, time } from '../text/index.ts';
import { useNow } from './clock.ts';

/** How long ago something was; the tooltip has the exact time. */
export function RelativeTime({ ms }: { readonly ms: number }): ReactElement {
  const nowMs = useNow();
  return (
    <time dateTime={new Date(ms).toISOString()} title={time(ms)}>
      {ago(ms, nowMs)}
    </time>
  );
}

/** The exact time of something, in UTC. */
export function Timestamp({ ms }: { readonly ms: number }): ReactElement {
  return <time dateTime={new Date(ms).toISOString()}>{time(ms)}</time>;
}
