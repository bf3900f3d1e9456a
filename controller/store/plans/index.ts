export { type NewPlan, type PlanRecord, type PlanStore, planStoreOn } from './plan-store.ts';
