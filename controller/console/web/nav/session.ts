import { createContext, useContext } from 'react';
import type { Me } from '../api/index.ts';

/** Who is signed in; pages are only drawn for somebody. */
export const SessionContext = createContext<Me | undefined>(undefined);

/** Who is signed in. */
export function useMe(): Me {
  const me = useContext(SessionContext);
  if (!me) throw new Error('a page was drawn for nobody');
  return me;
}

/** Whether this person has a role. */
export function mayAsk({ roles }: Me): boolean {
  return roles.includes('requester');
}

/** See {@link mayAsk}. */
export function mayApprove({ roles }: Me): boolean {
  return roles.includes('approver');
}
