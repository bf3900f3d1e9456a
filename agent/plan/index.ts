export { planQueries } from './plan-queries.ts';
