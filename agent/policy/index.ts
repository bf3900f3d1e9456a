export {
  type HostPolicy,
  KERNEL_ITSELF,
  type ModuleSigning,
  parseHostPolicy,
  readHostPolicy,
  tellablePolicy,
} from './host-policy.ts';
export {
  checkLimits,
  isPermittedCall,
  mayCallOf,
  type PermittedCall,
  permit,
  predictRefusals,
} from './permit.ts';
