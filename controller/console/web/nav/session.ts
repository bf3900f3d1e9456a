import { createContext, useContext } from 'react';
import type { MeJson } from '../api/index.ts';

/** The person who is signed in; every page is inside a provider of it. */
export const SessionContext = createContext<MeJson | undefined>(undefined);

/** The person who is signed in. */
export function useMe(): MeJson {
  const me = useContext(SessionContext);
  if (!me) throw new Error('a page was rendered outside of SessionContext');
  return me;
}

/** Whether the person may make requests. */
export function mayRequest({ roles }: MeJson): boolean {
  return roles.includes('requester');
}

/** Whether the person may approve requests. */
export function mayApprove({ roles }: MeJson): boolean {
  return roles.includes('approver');
}
