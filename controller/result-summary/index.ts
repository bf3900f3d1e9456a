export { type Cell, type ResultRows, resultRowsOf, WRITE_COLUMNS } from './result-rows.ts';
export {
  parseResultSummary,
  type ResultSummary,
  resultSummaryText,
  summarizeResult,
} from './result-summary.ts';
