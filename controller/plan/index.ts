export { type MakePlanDeps, makePlan } from './make-plan.ts';
export { findPlan, planView } from './plan-view.ts';
export { sampleHosts } from './sample-hosts.ts';
