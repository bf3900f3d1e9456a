export { typesQueries } from './types-queries.ts';
