export type {
  IndirectCall,
  PlanEnding,
  PlannedAnswer,
  PlannedCallee,
  PlanStep,
  ProgramPlan,
} from './plan.ts';
export { planProgram } from './plan-program.ts';
