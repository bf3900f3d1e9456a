export type { IndirectCall, PlanEnding, PlannedCallee, PlanStep, ProgramPlan } from './plan.ts';
export { planProgram } from './plan-program.ts';
