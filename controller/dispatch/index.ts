export { type AnswerDeps, answerOrdersQuery } from './answer-orders-query.ts';
export { ENVELOPE_LIMIT_TOKENS, type OrderDeps, orderApproved } from './order-approved.ts';
export { type PublishDeps, publishOrders } from './publish-orders.ts';
