export { answerText } from './answer-text.ts';
export { renderRows } from './render-rows.ts';
