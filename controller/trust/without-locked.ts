import { keyId } from '../../shared/tokens/index.ts';
import type { TrustBundle } from '../../shared/trust/index.ts';

/**
 * `bundle` without the keys in `lockedKids`, and without people and controllers who have no other key. It is
 * what a controller decides by; it is never sent or signed, and thresholds may be out of reach in it.
 */
export function withoutLocked(bundle: TrustBundle, lockedKids: ReadonlySet<string>): TrustBundle {
  if (lockedKids.size === 0) return bundle;
  const free = <M extends { readonly keys: readonly Parameters<typeof keyId>[0][] }>(
    members: readonly M[],
  ): M[] =>
    members
      .map(member => ({ ...member, keys: member.keys.filter(key => !lockedKids.has(keyId(key))) }))
      .filter(({ keys }) => keys.length > 0);
  const { controllers, requesters, approvers } = bundle;
  return {
    ...bundle,
    controllers: free(controllers),
    requesters: free(requesters),
    approvers: free(approvers),
  };
}
