export { answerText } from './answer-text.ts';
export { renderRows } from './render-rows.ts';
export { renderWrites, targetOf } from './render-writes.ts';
