export {
  type HostPolicy,
  KERNEL_ITSELF,
  type ModuleSigning,
  parseHostPolicy,
  readHostPolicy,
} from './host-policy.ts';
export { checkLimits, isPermittedCall, type PermittedCall, permit, predictRefusals } from './permit.ts';
