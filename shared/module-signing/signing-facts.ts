import type { HostFacts } from '../messages/index.ts';

/** The facts that decide which modules the kernel of a host accepts. */
export type ModuleFacts = Pick<HostFacts, 'sigEnforce' | 'lockdown' | 'signing'>;

/**
 * Whether a kernel with these facts refuses unsigned modules (module_sig_check, kernel/module/signing.c,
 * v6.12).
 */
export function enforcesSignatures({
  sigEnforce,
  lockdown,
}: Pick<ModuleFacts, 'sigEnforce' | 'lockdown'>): boolean {
  return sigEnforce || lockdown === 'integrity' || lockdown === 'confidentiality';
}
