import { createElement, type ReactElement, type ReactNode } from 'react';
import { type State, SWRConfig } from 'swr';
import type { LiveChanges } from './live.ts';
import { ReplyCache } from './reply-cache.ts';
import { LiveContext } from './use-api.ts';

const SETTINGS = { provider: () => new ReplyCache<State<unknown, unknown>>() };

/** Gives the pages below it one cache of replies, and the notices of changes. */
export function ApiProvider({
  live,
  children,
}: {
  readonly live: LiveChanges;
  readonly children: ReactNode;
}): ReactElement {
  return createElement(SWRConfig, { value: SETTINGS }, createElement(LiveContext, { value: live }, children));
}
