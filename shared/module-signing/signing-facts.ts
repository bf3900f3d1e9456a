import type { HostFacts } from '../messages/index.ts';

/** What a host says about which modules its kernel takes. */
export type ModuleFacts = Pick<HostFacts, 'sigEnforce' | 'lockdown' | 'signing'>;

/** What selectors know of a host by the names `signing`, `lockdown`, `secureboot` and `trusts`. */
export interface SigningFacts {
  /** `enforced` where the kernel takes signed modules only. */
  readonly signing: 'none' | 'enforced';
  readonly lockdown: HostFacts['lockdown'];
  /** Empty where the host does not say. */
  readonly secureboot: '' | 'on' | 'off';
  /** Ids (hex) and names of the keys that the kernel trusts: a host trusts a certificate where its id is here. */
  readonly trusts: readonly string[];
}

/** Whether a kernel with these facts refuses unsigned modules (module_sig_check, kernel/module/signing.c, v6.12). */
export function enforcesSignatures({
  sigEnforce,
  lockdown,
}: Pick<ModuleFacts, 'sigEnforce' | 'lockdown'>): boolean {
  return sigEnforce || lockdown === 'integrity' || lockdown === 'confidentiality';
}

/**
 * The facts of a host by which selectors choose.
 *
 * Threat: they are the host's own word. A host that lies gets, or does not get, what was meant for others; it can be signed
 * nothing by it, and its kernel is asked all the same.
 */
export function signingFactsOf(facts: ModuleFacts): SigningFacts {
  const keys = facts.signing?.keys ?? [];
  return {
    signing: enforcesSignatures(facts) ? 'enforced' : 'none',
    lockdown: facts.lockdown,
    secureboot: facts.signing?.secureBoot ?? '',
    trusts: [...new Set(keys.flatMap(({ keyId, name }) => [keyId, name]))].filter(text => text !== ''),
  };
}
