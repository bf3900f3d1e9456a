import type { ReportedKernelFacts } from './reported-kernel-facts.ts';

/** Why this kernel takes no module now, `signed` or not; undefined if nothing is known to prevent it. */
export function moduleLoadingProblem(
  {
    modulesDisabled,
    sigEnforce,
    lockdown,
  }: Pick<ReportedKernelFacts, 'modulesDisabled' | 'sigEnforce' | 'lockdown'>,
  { signed }: { readonly signed: boolean },
): string | undefined {
  if (modulesDisabled) return 'kernel.modules_disabled is set: no module loads before the next boot';
  if (signed) return undefined;
  if (sigEnforce) return 'this kernel takes only signed modules (module.sig_enforce or Secure Boot)';
  if (lockdown === 'integrity' || lockdown === 'confidentiality')
    return `this kernel is locked down (${lockdown}) and takes no unsigned modules`;
  return undefined;
}
