export { type Capability, missingCapabilities } from './capabilities.ts';
export {
  type KernelFacts,
  type Lockdown,
  parseLockdown,
  parseTaint,
  readKernelFacts,
} from './kernel-facts.ts';
export { parseBuildId, readKernelSigning } from './kernel-signing.ts';
export { parseKeys } from './parse-keys.ts';
