import type { ReactElement } from 'react';
import { ago, localTime, time } from '../text/index.ts';
import { useNow } from './clock.ts';

/** How long ago something was; the tooltip has the exact time, in UTC and here. */
export function RelativeTime({ ms }: { readonly ms: number }): ReactElement {
  const nowMs = useNow();
  const title = [time(ms), localTime(ms)].filter(text => text !== undefined).join(', ');
  return (
    <time dateTime={new Date(ms).toISOString()} title={title}>
      {ago(ms, nowMs)}
    </time>
  );
}

/** The exact time of something, in UTC; the tooltip has it as the clock here shows it. */
export function Timestamp({ ms }: { readonly ms: number }): ReactElement {
  return (
    <time dateTime={new Date(ms).toISOString()} title={localTime(ms)}>
      {time(ms)}
    </time>
  );
}

/** The exact time of something, in UTC and, where that differs, as the clock here shows it. */
export function BothTimes({ ms }: { readonly ms: number }): ReactElement {
  const local = localTime(ms);
  return (
    <>
      <Timestamp ms={ms} />
      {local !== undefined && <span className="muted"> ({local})</span>}
    </>
  );
}
