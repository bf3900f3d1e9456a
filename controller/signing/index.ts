export { type OrderContent, type OrderSigner, orderSigner } from './order-signer.ts';
