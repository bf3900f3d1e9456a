export { type Admission, type AdmissionSigner, admissionSigner } from './admission-signer.ts';
export { type CommittedSigner, committedSigner } from './committed-signer.ts';
export type { ControllerSigner } from './controller-signer.ts';
export {
  type FreshnessSigner,
  type FreshnessSignerOptions,
  freshnessSigner,
} from './freshness-signer.ts';
export { type OrderContent, type OrderSigner, orderSigner } from './order-signer.ts';
export { type QuerySigner, querySigner } from './query-signer.ts';
