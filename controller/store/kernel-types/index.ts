export {
  type KernelBuild,
  type KernelTypesRecord,
  type KernelTypesStore,
  kernelTypesStoreOn,
  type NewKernelTypes,
} from './kernel-types-store.ts';
