export { outcomeAfterIntent, outcomeBeforeIntent } from './outcome-of-code.ts';
