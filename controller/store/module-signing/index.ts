export {
  type KernelStatement,
  type ModuleSignature,
  type ModuleSigningStore,
  moduleSigningStoreOn,
} from './module-signing-store.ts';
