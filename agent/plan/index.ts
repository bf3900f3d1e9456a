export { answerPlan, type PlanContext } from './answer-plan.ts';
export { planDesk } from './plan-desk.ts';
