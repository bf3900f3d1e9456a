export { currentTrust } from './current-trust.ts';
export type { OrderContext } from './order-context.ts';
