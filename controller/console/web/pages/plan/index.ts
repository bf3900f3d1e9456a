export { PlanGroups, repliesOf, verdictOf } from './plan-groups.tsx';
