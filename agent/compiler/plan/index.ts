export type {
  IndirectCall,
  PlanEnding,
  PlannedAnswer,
  PlannedCallee,
  PlannedWatch,
  PlanStep,
  ProgramPlan,
} from './plan.ts';
export { planProgram } from './plan-program.ts';
