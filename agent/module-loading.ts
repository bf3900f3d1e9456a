import type { KernelFacts } from './stages/index.ts';

/** Why this kernel takes no unsigned module now; undefined where it does, as far as it says. */
export function whyNoModule({
  modulesDisabled,
  sigEnforce,
  lockdown,
}: Pick<KernelFacts, 'modulesDisabled' | 'sigEnforce' | 'lockdown'>): string | undefined {
  if (modulesDisabled) return 'kernel.modules_disabled is set: no module loads before the next boot';
  if (sigEnforce) return 'this kernel takes only signed modules (module.sig_enforce or Secure Boot)';
  if (lockdown === 'integrity' || lockdown === 'confidentiality')
    return `this kernel is locked down (${lockdown}) and takes no unsigned modules`;
  return undefined;
}
