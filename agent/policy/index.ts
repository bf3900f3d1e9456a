export {
  type HostPolicy,
  KERNEL_ITSELF,
  type ModuleSigning,
  parseHostPolicy,
  readHostPolicy,
} from './host-policy.ts';
export { checkLimits, foreseeRefusals, isPermittedCall, type PermittedCall, permit } from './permit.ts';
