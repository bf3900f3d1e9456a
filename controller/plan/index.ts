export { type MakePlanDeps, makePlan } from './make-plan.ts';
export { PlanReplies, type PlanRepliesDeps } from './plan-replies.ts';
export { findPlan, planView } from './plan-view.ts';
export { sampleHosts } from './sample-hosts.ts';
