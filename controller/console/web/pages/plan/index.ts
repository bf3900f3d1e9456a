export { PlanGroups } from './plan-groups.tsx';
