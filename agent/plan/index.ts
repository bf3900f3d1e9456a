export { answerPlan, type PlanContext } from './answer-plan.ts';
export { PlanDesk } from './plan-desk.ts';
