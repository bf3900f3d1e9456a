export {
  parseResultSummary,
  type ResultSummary,
  resultSummaryText,
  summarizeResult,
} from './result-summary.ts';
