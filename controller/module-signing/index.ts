export { answerSignQuery, type ModuleSigningParts, type SignDeps } from './answer-sign-query.ts';
export { type DerivedModule, deriveModule, type ModuleToDerive } from './derive-module.ts';
export { type KnownKernels, knownKernels } from './known-kernels.ts';
export { type ModuleDeriver, moduleDeriver } from './module-deriver.ts';
export { openModuleSigning } from './open-module-signing.ts';
export { signQueryLimit } from './sign-query-limit.ts';
