export { ENVELOPE_LIMIT_TOKENS, makeOrder, type OrderDeps, type OrderTarget } from './make-order.ts';
export { type PublishDeps, publishOrders } from './publish-orders.ts';
