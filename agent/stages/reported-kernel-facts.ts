import type { HostFacts } from '../../shared/messages/index.ts';

/** The part of a host's facts that only its kernel knows. */
export type ReportedKernelFacts = Pick<
  HostFacts,
  | 'kernelRelease'
  | 'kernelVersion'
  | 'arch'
  | 'vermagic'
  | 'modulesDisabled'
  | 'sigEnforce'
  | 'lockdown'
  | 'secureBoot'
  | 'taint'
  | 'bootId'
  | 'signing'
  | 'leftModules'
>;
