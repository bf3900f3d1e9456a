export { AUDIT_SENTENCES, auditSentence } from './audit-sentence.ts';
export { formatDuration, formatMinute, formatTime, parseDuration } from './duration.ts';
export { type HostResult, hostResultInTurn, hostResultOf, resultBytesOf } from './host-result.ts';
export type * from './json/index.ts';
export { labelList } from './labels.ts';
export { escapeInvisible, printable } from './printable.ts';
export {
  groupPlan,
  type PlanAnswer,
  type PlanGroup,
  type ReadPlan,
  readPlan,
  wouldRun,
  wouldRunEverywhere,
} from './read-plan.ts';
export { digestHex, type ReadRequest, readRequestView } from './read-request.ts';
export { FILTER_HELP, FILTER_KEYS, parseFilter, parseGroupBy } from './report-options.ts';
export { clockText, statusLines } from './status-lines.ts';
export { checkSums, grouped, hostCount, namedGroups, sumOf, sumsText } from './sums.ts';
export { AUDIT_KINDS, timelineOf } from './timeline.ts';
export {
  auditEntryToJson,
  hostResultToJson,
  hostToJson,
  planToJson,
  requestToJson,
  summaryToJson,
  sumsToJson,
} from './to-json.ts';
export { HELD, unfitReasons } from './unfit.ts';
