export { type CommittedSigner, committedSigner } from './committed-signer.ts';
export { type OrderContent, type OrderSigner, orderSigner } from './order-signer.ts';
export { type PlanSigner, planSigner, type TypesSigner, typesSigner } from './plan-signer.ts';
