export type {
  IndirectCall,
  PlanEnding,
  PlannedAnswer,
  PlannedCallee,
  PlannedDeny,
  PlannedWatch,
  PlanStep,
  ProgramPlan,
} from './plan.ts';
export { planProgram } from './plan-program.ts';
