export { type LockRegistry, type LockRegistryDeps, openLockRegistry } from './lock-registry.ts';
export {
  type EnforcerDeps,
  type LockTaskDeps,
  type LoginEnforcer,
  lockTask,
  loginEnforcer,
} from './login-enforcer.ts';
export { type LockDeps, type LockManagement, lockManagement } from './manage-locks.ts';
export { type SuspensionDeps, suspendFloodingHost } from './suspend-flooding-host.ts';
export { withHostLocks } from './with-host-locks.ts';
