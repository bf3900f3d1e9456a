export { type TakeLabelsDeps, takeLabels } from './take-labels.ts';
