export { type AuthenticQuery, answerQuery, type QueryContext, type QueryHandler } from './answer-query.ts';
export { type QueryQueue, type QueryQueueOptions, queryQueue } from './query-queue.ts';
