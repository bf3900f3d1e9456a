export {
  REPORTS_START,
  type ReportCursor,
  type ReportPage,
  type ReportStore,
  reportStoreOn,
  type Standing,
} from './report-store.ts';
