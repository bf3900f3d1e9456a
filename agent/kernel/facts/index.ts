export { type BootAndTaint, parseTaint, readBootAndTaint } from './boot-and-taint.ts';
export { type Capability, missingCapabilities } from './capabilities.ts';
export {
  type KernelFacts,
  type Lockdown,
  parseLockdown,
  readKernelFacts,
} from './kernel-facts.ts';
export { parseBuildId, readKernelSigning } from './kernel-signing.ts';
export { parseKeys } from './parse-keys.ts';
