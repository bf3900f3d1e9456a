import type { ReactElement } from 'react';
import { ago, time } from '../text/index.ts';
import { useNow } from './clock.ts';

/** How long ago something was; the moment itself is told on hovering. */
export function Ago({ ms }: { readonly ms: number }): ReactElement {
  const nowMs = useNow();
  return (
    <time dateTime={new Date(ms).toISOString()} title={time(ms)}>
      {ago(ms, nowMs)}
    </time>
  );
}

/** A moment, exactly. */
export function At({ ms }: { readonly ms: number }): ReactElement {
  return <time dateTime={new Date(ms).toISOString()}>{time(ms)}</time>;
}
