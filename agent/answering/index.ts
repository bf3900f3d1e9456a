export { type QuestionDesk, type QuestionDeskOptions, questionDesk } from './question-desk.ts';
