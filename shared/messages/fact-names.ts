/**
 * Names of what selectors find of a host besides its labels; shared/targets defines each. No label may have
 * one of these names, so that `kernel~6.1` has one meaning.
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

/** Whether `name` is the name of a fact, and therefore not of a label. */
export function isFactName(name: string): name is FactName {
  return (FACT_NAMES as readonly string[]).includes(name);
}
