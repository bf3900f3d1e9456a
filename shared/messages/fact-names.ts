/**
 * What selectors know of a host beside its labels; what each says stands in shared/targets. No label may have
 * one of these names, so that nobody can read `kernel~6.1` in two ways.
 */
export const FACT_NAMES = [
  'host',
  'kernel',
  'arch',
  'agent',
  'boot',
  'signing',
  'modules',
  'lockdown',
  'secureboot',
  'trusts',
] as const;

/** One of {@link FACT_NAMES}. */
export type FactName = (typeof FACT_NAMES)[number];

/** Whether `name` is a fact's, and so no label's. */
export function isFactName(name: string): name is FactName {
  return (FACT_NAMES as readonly string[]).includes(name);
}
