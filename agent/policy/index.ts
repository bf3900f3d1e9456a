export { type HostPolicy, KERNEL_ITSELF, parseHostPolicy, readHostPolicy } from './host-policy.ts';
export { checkLimits, isPermittedCall, type PermittedCall, permit } from './permit.ts';
