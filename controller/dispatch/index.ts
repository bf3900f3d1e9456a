export { type AnswerDeps, answerOrdersQuery } from './answer-orders-query.ts';
export { type OrderDeps, orderApproved } from './order-approved.ts';
export { type PublishDeps, publishOrders } from './publish-orders.ts';
