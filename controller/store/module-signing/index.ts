export {
  type ModuleSignature,
  type ModuleSigningStore,
  moduleSigningStoreOn,
  type StoredKernelFact,
} from './module-signing-store.ts';
