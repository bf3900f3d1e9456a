import { type Keyring, keyId, type TrustedKey } from '../../shared/tokens/index.ts';
import { keyringOf, type TrustBundle } from '../../shared/trust/index.ts';

/** The role of a key at a controller, by the trust bundle. */
export type OperatorRole = 'requester' | 'approver';

/** The keys of everybody who may call the operator API. */
export interface OperatorKeys {
  readonly keyring: Keyring;
  /** The roles of one key: a person with several keys has with each only what that key stands under. */
  rolesOf(kid: string): ReadonlySet<OperatorRole>;
}

/** A bundle never changes once it is read. */
const made = new WeakMap<TrustBundle, OperatorKeys>();

/** Requesters' and approvers' keys of `bundle`. */
export function operatorKeys(bundle: TrustBundle): OperatorKeys {
  const keys = made.get(bundle) ?? collectKeys(bundle);
  made.set(bundle, keys);
  return keys;
}

function collectKeys(bundle: TrustBundle): OperatorKeys {
  const roles = new Map<string, Set<OperatorRole>>();
  const keyring = new Map<string, TrustedKey>();
  const members = { requester: bundle.requesters, approver: bundle.approvers } as const;
  for (const role of ['requester', 'approver'] as const) {
    for (const [kid, key] of keyringOf(members[role])) keyring.set(kid, key);
    for (const kid of members[role].flatMap(({ keys }) => keys.map(keyId)))
      roles.set(kid, (roles.get(kid) ?? new Set()).add(role));
  }
  return { keyring, rolesOf: kid => roles.get(kid) ?? new Set() };
}
